package dev.coatcheck.httpserver;

import com.sun.net.httpserver.HttpExchange;
import dev.coatcheck.Session;

/** The session of an exchange, for code behind a {@link SessionFilter}. Safe for use by many threads. */
public final class Sessions {
    private Sessions() {}

    /**
     * The session of an exchange; there is one for every request, and nothing is loaded or stored until something is read or
     * set. No I/O.
     *
     * @param exchange the one that the handler was given, or another one that wraps it and passes {@code getAttribute} on
     * @throws IllegalStateException when no {@link SessionFilter} is in front of this code
     */
    public static Session current(HttpExchange exchange) {
        Visit visit = Visit.of(exchange);
        if (visit == null) {
            throw new IllegalStateException("This exchange did not pass through " + SessionFilter.class.getName()
                    + ": add the filter to the filters of its context, "
                    + exchange.getHttpContext().getPath());
        }
        return visit.session();
    }
}
