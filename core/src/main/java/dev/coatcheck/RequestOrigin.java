package dev.coatcheck;

import dev.coatcheck.SessionManager.PlainHttp;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Tells whether a request comes from this site's own pages, by what the browser says in {@code Sec-Fetch-Site} and
 * {@code Origin} (rule X2). Only one half of the answer: where the browser says nothing the CSRF token decides.
 *
 * <p>Immutable; safe for use by many threads.
 */
final class RequestOrigin {
    private final ConnectionPolicy policy;
    private final Set<Origin> others;

    /** @throws IllegalArgumentException when {@link #faults} finds one */
    RequestOrigin(ConnectionPolicy policy, List<String> origins) {
        List<String> faults = faults(origins);
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", faults));
        }
        this.policy = policy;
        Set<Origin> parsed = new HashSet<>();
        for (String text : origins) {
            Origin origin = Origin.parse(text);
            if (origin != null) {
                parsed.add(origin);
            }
        }
        this.others = Set.copyOf(parsed);
    }

    /** A message for each origin that cannot be one; empty when all are fine. */
    static List<String> faults(List<String> origins) {
        List<String> faults = new ArrayList<>();
        for (String text : origins) {
            Origin origin = Origin.parse(text);
            // A page that came over plain HTTP can be anybody's who sits on the line.
            if (origin == null || (origin.scheme().equals("http") && !origin.isLoopback())) {
                faults.add("origins: " + SafeText.quote(text)
                        + " is not accepted; write https://host or https://host:port, without a path or a final slash,"
                        + " international names as xn--; http:// only for localhost");
            }
        }
        return List.copyOf(faults);
    }

    /** Whether the method by its definition changes nothing (RFC 9110, 9.2.1). Methods are case-sensitive. */
    static boolean isSafeMethod(String method) {
        return switch (method) {
            case "GET", "HEAD", "OPTIONS", "TRACE" -> true;
            default -> false;
        };
    }

    /** Whether nothing that the browser says speaks against this site or one of the further origins. */
    boolean isOwnSite(SessionExchange exchange) {
        ConnectionScope scope = policy.of(exchange);
        List<String> fetchSites = exchange.requestHeaders("Sec-Fetch-Site");
        List<String> origins = exchange.requestHeaders("Origin");
        // A browser sends one of each; of two, somebody put in one.
        if (scope == ConnectionScope.NONE || fetchSites.size() > 1 || origins.size() > 1) {
            return false;
        }
        String fetchSite = fetchSites.isEmpty() ? "none" : fetchSites.get(0);
        boolean ownByFetchSite = fetchSite.equals("same-origin") || fetchSite.equals("none");
        if (origins.isEmpty()) {
            return ownByFetchSite;
        }
        Origin origin = Origin.parse(origins.get(0));
        if (origin == null) {
            return false;
        }
        if (others.contains(origin)) {
            return ownByFetchSite || fetchSite.equals("same-site") || fetchSite.equals("cross-site");
        }
        return ownByFetchSite && origin.equals(site(exchange, scope));
    }

    private Origin site(SessionExchange exchange, ConnectionScope scope) {
        SessionExchange.Connection connection = exchange.connection();
        String scheme = scope == ConnectionScope.HTTPS ? "https" : "http";
        int port = connection.port();
        // Behind a proxy that ends TLS the server takes a Host without port for one of port 80.
        if (policy.plainHttp() == PlainHttp.TLS_ENDS_AT_PROXY && port == 80) {
            port = 443;
        }
        return new Origin(scheme, HostName.canonical(connection.host()), port);
    }
}
