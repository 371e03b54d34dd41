package dev.coatcheck.httpserver;

import com.sun.net.httpserver.HttpExchange;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The host and port that a request names. */
record Authority(String host, int port) {
    private static final Pattern TEXT = Pattern.compile("(\\[[^\\]]*\\]|[^:\\[\\]]*)(?::([0-9]{1,5})?)?");

    static Authority of(HttpExchange exchange, int defaultPort) {
        URI uri = exchange.getRequestURI();
        String authority = uri.getRawAuthority();
        if (uri.isAbsolute() && authority != null) {
            // It goes before the Host header: RFC 9112, 3.2.2.
            return parse(authority.substring(authority.indexOf('@') + 1), defaultPort);
        }
        List<String> named = exchange.getRequestHeaders().get("Host");
        if (named == null) {
            InetSocketAddress local = exchange.getLocalAddress();
            return new Authority(local.getAddress().getHostAddress(), local.getPort());
        }
        return named.size() == 1 ? parse(named.get(0).strip(), defaultPort) : new Authority("", defaultPort);
    }

    /** An empty host, which is nobody's, where the text is none. */
    static Authority parse(String text, int defaultPort) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return new Authority("", defaultPort);
        }
        String port = matcher.group(2);
        return new Authority(matcher.group(1), port == null ? defaultPort : Integer.parseInt(port));
    }
}
