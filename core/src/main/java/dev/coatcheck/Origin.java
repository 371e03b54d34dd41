package dev.coatcheck;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A web origin (RFC 6454) of scheme {@code http} or {@code https}.
 *
 * @param scheme in lower case
 * @param host {@linkplain HostName#canonical canonical}
 * @param port never left out
 */
record Origin(String scheme, String host, int port) {
    private static final int MAX_LENGTH = 300;
    // Nothing that stands behind the port, no user, no list: a browser sends none of it.
    private static final Pattern SYNTAX = Pattern.compile(
            "(https?)://([a-z0-9_-]+(?:\\.[a-z0-9_-]+)*\\.?|\\[[0-9a-f.]*:[0-9a-f:.]+])(?::([1-9][0-9]{0,4}))?",
            Pattern.CASE_INSENSITIVE);

    /** Null for everything else, such as {@code null}, a URL with a path, or two origins in one line. */
    static @Nullable Origin parse(String text) {
        if (text.length() > MAX_LENGTH) {
            return null;
        }
        Matcher syntax = SYNTAX.matcher(text);
        if (!syntax.matches()) {
            return null;
        }
        String scheme = syntax.group(1).length() == 5 ? "https" : "http";
        String digits = syntax.group(3);
        int port = digits == null ? defaultPort(scheme) : Integer.parseInt(digits);
        String host = HostName.canonical(syntax.group(2));
        return port > 65_535 ? null : new Origin(scheme, host, port);
    }

    static int defaultPort(String scheme) {
        return scheme.equals("https") ? 443 : 80;
    }

    boolean isLoopback() {
        return HostName.isLoopback(host);
    }
}
