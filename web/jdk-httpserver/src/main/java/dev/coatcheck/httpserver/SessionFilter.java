package dev.coatcheck.httpserver;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.coatcheck.SessionManager;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the handlers behind it sessions that Coatcheck keeps: {@link Sessions#current}. The session is stored before
 * {@code sendResponseHeaders} sends anything, so that the client's next request finds it on any server. A request that does
 * not touch its session costs nothing.
 *
 * <pre>{@code
 * HttpContext context = server.createContext("/", handler);
 * context.getFilters().add(new SessionFilter(sessions));
 * }</pre>
 *
 * <p>Put it ahead of other filters that use sessions. Where it is put twice there is still one session and one cookie. In a
 * context with an {@code Authenticator} use {@link #around} instead, since the JDK's server cannot authenticate an exchange
 * that a filter has wrapped.
 *
 * <p>A request ends when the handler has returned <em>and</em> its answer is over: its body or the exchange is closed, or
 * there is none. What is changed between the header and the end is stored at the end, without a cookie. So a handler may
 * return and let another thread answer; it must close the exchange.
 *
 * <p>As long as no header was sent, what the handler throws is answered here: a store that is away with 503 and
 * {@code Retry-After}, a commit that lost against other requests or was one sign-in too many with 409, all else with 500,
 * after what the handler did to the session is stored; that exception then goes on to the server. A handler that closes the
 * exchange on its way out, as try-with-resources does, does not prevent the answer.
 *
 * <p>Safe for use by many threads.
 */
public final class SessionFilter extends Filter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SessionFilter.class);
    private static final Chain AUTHENTICATES_LATER = new Chain(List.of(), exchange -> {
        throw wrong("The context " + exchange.getHttpContext().getPath() + " has an Authenticator, which comes behind"
                + " its filters: put " + SessionFilter.class.getName() + " behind it, by its method around(handler)");
    });

    private final SessionManager manager;
    private final boolean own;

    /**
     * A filter over a manager that it builds from the system's properties and the environment, as
     * {@link SessionManager#configured} has them, and closes with itself. The default store is {@code embedded:}.
     *
     * @throws IllegalArgumentException when a setting cannot be used; the message has a line for each
     */
    public SessionFilter() {
        this(SessionManager.configured().build(), true);
    }

    /** A filter over a manager that the caller keeps and closes. */
    public SessionFilter(SessionManager manager) {
        this(manager, false);
    }

    private SessionFilter(SessionManager manager, boolean own) {
        this.manager = manager;
        this.own = own;
    }

    /**
     * Passes an exchange on with its session.
     *
     * @throws IllegalStateException when the exchange came through a filter with another manager, or its context has an
     *     authenticator that could not run behind this filter
     */
    @Override
    public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
        Visit before = Visit.of(exchange);
        if (before == null) {
            new Visit(exchange, manager).pass(isStillToAuthenticate(exchange) ? AUTHENTICATES_LATER : chain);
        } else if (before.isOf(manager)) {
            chain.doFilter(exchange);
        } else {
            throw wrong("This exchange has passed another " + SessionFilter.class.getName()
                    + ", with another manager: a request has one session");
        }
    }

    /** The JDK's server puts its authenticator behind all filters, and there it wants the exchange that it has made itself. */
    private static boolean isStillToAuthenticate(HttpExchange exchange) {
        return exchange.getHttpContext().getAuthenticator() != null && exchange.getPrincipal() == null;
    }

    /** The server tells nobody what a filter throws. */
    private static IllegalStateException wrong(String what) {
        LOG.error(what);
        return new IllegalStateException(what);
    }

    /**
     * A handler with this filter immediately ahead of it, behind whatever the server itself puts ahead of handlers.
     *
     * <pre>{@code
     * server.createContext("/", filter.around(handler)).setAuthenticator(authenticator);
     * }</pre>
     */
    public HttpHandler around(HttpHandler handler) {
        return exchange -> doFilter(exchange, new Chain(List.of(), handler));
    }

    /** What it does, for who lists a context's filters. */
    @Override
    public String description() {
        return "Coatcheck sessions";
    }

    /** Closes the manager if the filter built it. To be called after the server was stopped. */
    @Override
    public void close() {
        if (own) {
            manager.close();
        }
    }
}
