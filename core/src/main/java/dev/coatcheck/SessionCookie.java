package dev.coatcheck;

import java.net.IDN;
import java.text.Normalizer;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Spells the session's cookie. Its name follows the connection, so that browsers hold the rules of the {@code __Host-} and
 * {@code __Secure-} prefixes (RFC 6265bis), and every attribute is written out: an absent {@code SameSite} is weaker than
 * {@code Lax} in some browsers.
 *
 * <p>Immutable; safe for use by many threads.
 */
final class SessionCookie {
    static final Duration MAX_AGE = Duration.ofDays(400);
    static final int MAX_STRAYS = 16;
    /** Containers stop at 8 KB of response header and answer 500: the lines must leave room for the application's. */
    static final int MAX_STRAY_CHARS = 4_096;

    /** RFC 9110, 5.6.7: two digits for the day, which the JDK's RFC 1123 format does not write. */
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);

    private static final Pattern NAME = Pattern.compile("(?!__)[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}");
    // Without what the grammar or some reader takes for a separator, a quote or an escape.
    private static final Pattern PATH = Pattern.compile("/[!-~&&[^;,\"\\\\]]{0,255}");

    private final String name;
    /** Empty for none: the cookie goes to the host alone. */
    private final String domain;

    private final String path;
    private final Sending sending;

    SessionCookie(String name, @Nullable String domain, String path) {
        this(name, domain, path, new Sending(false, null, Clock.systemUTC()));
    }

    /**
     * How the cookie is sent, beyond where to.
     *
     * @param secure with {@code Secure} on this machine's plain HTTP too
     * @param maxAge of sessions that are not remembered; null: until the browser's end
     */
    record Sending(boolean secure, @Nullable Duration maxAge, Clock clock) {}

    /** @throws IllegalArgumentException when {@link #faults} finds one */
    SessionCookie(String name, @Nullable String domain, String path, Sending sending) {
        List<String> faults = faults(name, domain, path);
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", faults));
        }
        this.name = name;
        this.domain = domain == null ? "" : canonicalDomain(domain);
        this.path = canonicalPath(path);
        this.sending = sending;
    }

    /** A message for each setting that cannot be; empty when all are fine. */
    static List<String> faults(String name, @Nullable String domain, String path) {
        List<String> faults = new ArrayList<>();
        if (!NAME.matcher(name).matches()) {
            faults.add("cookieName: " + SafeText.quote(name)
                    + " is not accepted; write 1 to 64 letters, digits or !#$%&'*+-.^_`|~, not beginning with __:"
                    + " the prefixes __Host- and __Secure- are added by connection");
        }
        if (domain != null && canonicalDomain(domain).isEmpty()) {
            faults.add("cookieDomain: " + SafeText.quote(domain)
                    + " is not accepted; write a domain of two labels or more, as example.org, no address;"
                    + " international names, where they are not taken, as xn--");
        }
        if (!PATH.matcher(canonicalPath(path)).matches()) {
            faults.add("cookiePath: " + SafeText.quote(path)
                    + " is not accepted; write a slash and up to 255 visible ASCII characters"
                    + " other than ; , \" and \\, percent-encoded as in a URL");
        }
        return List.copyOf(faults);
    }

    /**
     * The name as the browser knows it on such a connection.
     *
     * @throws IllegalArgumentException for {@link ConnectionScope#NONE}, which has no cookie
     */
    String name(ConnectionScope scope) {
        return switch (scope) {
            case HTTPS -> (domain.isEmpty() && path.equals("/") ? "__Host-" : "__Secure-") + name;
            case LOCAL_HTTP -> name;
            case NONE -> throw new IllegalArgumentException("There is no cookie for such a connection");
        };
    }

    /**
     * The line that sets the cookie, by the settings when there is no age.
     *
     * @param maxAge rounded up to seconds, at least one and at most 400 days, which is what browsers take
     */
    String set(ConnectionScope scope, String token, @Nullable Duration maxAge) {
        String age = maxAge == null ? ageBySettings() : "; Max-Age=" + seconds(maxAge);
        return line(scope, token, sentDomain(scope), path, age);
    }

    /** The line that sets the cookie beside it, which says what version the browser has seen: see {@link Floor}. */
    String setFloor(ConnectionScope scope, String id, int version, String value, Duration life) {
        return line(
                Floor.name(name(scope), id, version),
                scope,
                value,
                sentDomain(scope),
                path,
                "; Max-Age=" + seconds(life));
    }

    /** With the moment too, as servlet containers write it, for clients that know no {@code Max-Age}. */
    private String ageBySettings() {
        Duration age = sending.maxAge;
        if (age == null) {
            return "";
        }
        ZonedDateTime end = sending.clock.instant().plusSeconds(seconds(age)).atZone(ZoneOffset.UTC);
        return "; Max-Age=" + seconds(age) + "; Expires=" + DATE.format(end);
    }

    /** The line that deletes it. */
    String clear(ConnectionScope scope) {
        return clear(scope, sentDomain(scope), path);
    }

    /**
     * The lines that delete what a neighbour may have set under our name (rule C2): with every parent domain of the host and
     * every parent path of the request, widest first, and never our own spelling. To be added before {@link #set}'s line.
     * None under {@code __Host-}, which no neighbour can set.
     */
    List<String> clearStrays(ConnectionScope scope, String host, String requestPath) {
        if (name(scope).startsWith("__Host-")) {
            return List.of();
        }
        List<String> domains = parentDomains(host);
        List<String> lines = new ArrayList<>();
        int chars = 0;
        for (String strayPath : parentPaths(requestPath)) {
            for (String strayDomain : domains) {
                if (strayDomain.equals(sentDomain(scope)) && strayPath.equals(path)) {
                    continue;
                }
                String line = clear(scope, strayDomain, strayPath);
                chars += line.length();
                if (lines.size() == MAX_STRAYS || chars > MAX_STRAY_CHARS) {
                    return List.copyOf(lines);
                }
                lines.add(line);
            }
        }
        return List.copyOf(lines);
    }

    private String clear(ConnectionScope scope, String lineDomain, String linePath) {
        return line(scope, "", lineDomain, linePath, "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    }

    private String line(ConnectionScope scope, String value, String lineDomain, String linePath, String age) {
        return line(name(scope), scope, value, lineDomain, linePath, age);
    }

    private String line(
            String cookie, ConnectionScope scope, String value, String lineDomain, String linePath, String age) {
        return cookie + "=" + value
                + "; Path=" + linePath
                + (lineDomain.isEmpty() ? "" : "; Domain=" + lineDomain)
                + age
                + (scope == ConnectionScope.HTTPS || sending.secure ? "; Secure" : "")
                + "; HttpOnly; SameSite=Lax";
    }

    /** A browser drops a cookie whose domain is not the host's; on this machine that is every public one. */
    private String sentDomain(ConnectionScope scope) {
        return scope == ConnectionScope.HTTPS || domain.endsWith(".localhost") ? domain : "";
    }

    private static long seconds(Duration age) {
        if (age.compareTo(MAX_AGE) >= 0) {
            return MAX_AGE.toSeconds();
        }
        return Math.max(1, age.getNano() > 0 ? age.getSeconds() + 1 : age.getSeconds());
    }

    /** Down to two labels, shortest first; at last the empty one for a cookie of the host alone. */
    private static List<String> parentDomains(String host) {
        String rest = HostName.canonical(host);
        List<String> domains = new ArrayList<>(List.of(""));
        if (HostName.isDomain(rest)) {
            for (int dot = rest.indexOf('.'); dot >= 0; dot = rest.indexOf('.')) {
                domains.add(0, rest);
                rest = rest.substring(dot + 1);
            }
        }
        return domains;
    }

    /** With and without the final slash, which are two paths to a browser; whole segments that a cookie's path can spell. */
    private static Set<String> parentPaths(String requestPath) {
        Set<String> paths = new LinkedHashSet<>(List.of("/"));
        if (!requestPath.startsWith("/")) {
            return paths;
        }
        int end = 1;
        for (; end < requestPath.length() && isPathChar(requestPath.charAt(end)); end++) {
            if (requestPath.charAt(end) == '/') {
                paths.add(requestPath.substring(0, end));
                paths.add(requestPath.substring(0, end + 1));
            }
            if (paths.size() > MAX_STRAYS) {
                return paths;
            }
        }
        if (end == requestPath.length()) {
            paths.add(requestPath);
        }
        return paths;
    }

    private static boolean isPathChar(char c) {
        return c > ' ' && c <= '~' && c != ';';
    }

    private static String canonicalPath(String path) {
        return path.isEmpty() ? "/" : path;
    }

    /** In lower case, as A-labels and without a leading dot; empty when it cannot be a cookie's domain. */
    private static String canonicalDomain(String domain) {
        String name = domain.startsWith(".") ? domain.substring(1) : domain;
        if (name.length() > 253) {
            return "";
        }
        if (name.chars().anyMatch(c -> c > 0x7F)) {
            name = toAscii(name);
        }
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.indexOf('.') > 0 && HostName.isDomain(lower) ? lower : "";
    }

    /** Empty for names that {@link IDN}, which is of 2003, spells otherwise than today's browsers, such as those with ß. */
    private static String toAscii(String name) {
        try {
            String ascii = IDN.toASCII(name, IDN.USE_STD3_ASCII_RULES);
            String shown = Normalizer.normalize(name, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
            return IDN.toUnicode(ascii).toLowerCase(Locale.ROOT).equals(shown) ? ascii : "";
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return "";
        }
    }
}
