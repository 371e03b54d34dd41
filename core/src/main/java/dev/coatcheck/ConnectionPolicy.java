package dev.coatcheck;

import dev.coatcheck.SessionManager.PlainHttp;
import java.util.List;

/**
 * Decides what a request without TLS gets (rule C5).
 *
 * @param plainHttp the setting
 */
record ConnectionPolicy(PlainHttp plainHttp) {
    /**
     * Headers that a proxy adds. They are never believed, only taken as a sign that the peer on this machine is not the
     * browser; who forges one gains the loss of his own session.
     */
    static final List<String> PROXY_HEADERS = List.of(
            "Forwarded",
            "Via",
            "X-Forwarded",
            "X-Forwarded-For",
            "X-Forwarded-Host",
            "X-Forwarded-Proto",
            "X-Forwarded-Protocol",
            "X-Forwarded-Scheme",
            "X-Forwarded-Port",
            "X-Forwarded-Server",
            "X-Forwarded-Prefix",
            "X-Forwarded-By",
            "X-Forwarded-Ssl",
            "X-Forwarded-Client-Cert",
            "Forwarded-For",
            "X-Real-IP",
            "X-Client-IP",
            "X-Cluster-Client-IP",
            "X-Original-Host",
            "X-Original-Forwarded-For",
            "X-ProxyUser-Ip",
            "X-Url-Scheme",
            "Front-End-Https",
            "True-Client-IP",
            "CF-Connecting-IP",
            "Fastly-Client-IP",
            "CDN-Loop");

    /** What this request's connection is good for. */
    ConnectionScope of(SessionExchange exchange) {
        if (exchange.connection().secure()) {
            return ConnectionScope.HTTPS;
        }
        return switch (plainHttp) {
            case TLS_ENDS_AT_PROXY -> ConnectionScope.HTTPS;
            case NEVER -> ConnectionScope.NONE;
            case LOCALHOST -> isLocal(exchange) ? ConnectionScope.LOCAL_HTTP : ConnectionScope.NONE;
        };
    }

    /** All four signs are asked for: a proxy on this machine can rewrite the host name and leave out its own headers. */
    private static boolean isLocal(SessionExchange exchange) {
        return exchange.connection().loopbackPeer()
                && HostName.isLoopback(exchange.connection().host())
                && PROXY_HEADERS.stream()
                        .allMatch(name -> exchange.requestHeaders(name).isEmpty())
                && exchange.requestHeaders("Origin").stream().allMatch(ConnectionPolicy::isLoopbackOrigin);
    }

    private static boolean isLoopbackOrigin(String text) {
        Origin origin = Origin.parse(text);
        return origin != null && origin.isLoopback();
    }
}
