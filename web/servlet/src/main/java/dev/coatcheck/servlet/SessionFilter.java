package dev.coatcheck.servlet;

import dev.coatcheck.SessionManager;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Gives the application behind it sessions that Coatcheck keeps. The session is stored before the first byte of the
 * response goes out, in every way that a response can begin, so that the client's next request finds it on any server.
 *
 * <p>Map it to the paths that use sessions, ahead of other filters, for every dispatcher type ({@code REQUEST},
 * {@code FORWARD}, {@code INCLUDE}, {@code ERROR} and {@code ASYNC}) and with asynchronous processing supported. Where it is
 * mounted twice there is still one session and one cookie. A request that does not touch its session costs nothing.
 *
 * <p>The {@link SessionManager} is, in this order: the one given to the constructor; the one in the servlet context's
 * attribute {@link #MANAGER}; one that the filter builds from settings and closes when it is destroyed. Settings carry the
 * names of {@link SessionManager.Builder}. Each is looked for as the filter's init parameter ({@code idleTimeout}), as
 * system property ({@code coatcheck.idleTimeout}) and in the environment ({@code COATCHECK_IDLE_TIMEOUT}; the key ring is
 * {@code COATCHECK_KEYS}); the first that is not blank counts. Durations are written {@code PT20M} or {@code 20m}, with
 * {@code s}, {@code m}, {@code h} or {@code d}; {@code remembered} takes two of them and {@code origins} any number, with
 * commas between them. The default store is {@code embedded:}.
 *
 * <p>A store that is away is answered with 503 and {@code Retry-After}, a commit that lost against other requests with 409,
 * unless the application caught the exception. In a response that has begun already the exception goes on to the container.
 *
 * <p>A request that brings a session of the container, since code ahead of the filter has called {@code getSession}, is served
 * with ours all the same; the context's log tells of it, once a minute.
 *
 * <p>Safe for use by many threads.
 */
public final class SessionFilter implements Filter {

    /** The servlet context's attribute that may hold a {@link SessionManager}; it is not closed by the filter. */
    public static final String MANAGER = "dev.coatcheck.SessionManager";

    /**
     * The servlet context's attribute that may hold a collection of {@code HttpSession} listeners, which are called beside
     * those that the application declared. In Tomcat, Jetty and Undertow declared listeners are found; in another container
     * these are all that can be called.
     */
    public static final String LISTENERS = "dev.coatcheck.SessionListeners";

    private final UnaryOperator<@Nullable String> environment;
    private @Nullable SessionManager manager;
    private @Nullable SessionManager own;
    private @Nullable ContainerSessions strangers;
    private @Nullable Desk desk;

    /** A filter that takes its manager from the servlet context or builds one from settings. */
    public SessionFilter() {
        this(System::getenv);
    }

    /** A filter over a manager that the caller keeps and closes. */
    public SessionFilter(SessionManager manager) {
        this(System::getenv);
        this.manager = manager;
    }

    SessionFilter(UnaryOperator<@Nullable String> environment) {
        this.environment = environment;
    }

    /**
     * Checks the settings and builds the manager, unless one was given.
     *
     * @throws ServletException when a setting cannot be used; the message has a line for each, with its name, its value,
     *     where it was found and what is accepted. The value of a key is never shown
     */
    @Override
    public void init(FilterConfig config) throws ServletException {
        FilterSettings settings = new FilterSettings(config, environment);
        ServletContext context = config.getServletContext();
        strangers = new ContainerSessions(context, System::nanoTime);
        SessionListeners listeners = ListenerFinder.of(context);
        SessionManager given = manager == null ? given(context) : manager;
        if (given == null) {
            own = settings.open();
            given = own;
        } else {
            settings.refuseUnknown();
        }
        manager = given;
        desk = new Desk(given, context, listeners);
    }

    private static @Nullable SessionManager given(ServletContext context) throws ServletException {
        Object given = context.getAttribute(MANAGER);
        if (given == null || given instanceof SessionManager) {
            return (SessionManager) given;
        }
        throw new ServletException("The servlet context's attribute " + MANAGER + " holds a "
                + given.getClass().getName() + ": accepted is a " + SessionManager.class.getName());
    }

    /** Passes a request on with its session. What is not HTTP is passed on as it is. */
    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!(request instanceof HttpServletRequest in) || !(response instanceof HttpServletResponse out)) {
            chain.doFilter(request, response);
            return;
        }
        Desk desk = this.desk;
        ContainerSessions strangers = this.strangers;
        if (desk == null || strangers == null) {
            throw new IllegalStateException("The filter is not initialized: call init first");
        }
        if (in.getAttribute(Visit.ATTRIBUTE) == null) {
            strangers.look(in);
        }
        Visit.pass(in, out, desk, chain);
    }

    /** Closes the manager if the filter built it. */
    @Override
    public void destroy() {
        SessionManager own = this.own;
        if (own != null) {
            this.own = null;
            manager = null;
            desk = null;
            own.close();
        }
    }
}
