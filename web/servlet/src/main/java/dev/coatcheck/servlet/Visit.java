package dev.coatcheck.servlet;

import dev.coatcheck.Session;
import dev.coatcheck.SessionConflictException;
import dev.coatcheck.SessionException;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionUnavailableException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One request and its session, over all its dispatches: kept as a request attribute, so that forward, include, error and
 * async dispatches share it. Used by the threads of one request.
 */
final class Visit {
    static final String ATTRIBUTE = "dev.coatcheck.servlet.visit";

    private static final int MAX_CAUSES = 16;

    private final SessionManager manager;
    private final ServletContext context;
    private final HttpServletResponse response;
    private final ServletExchange exchange;
    private final AtomicBoolean finished = new AtomicBoolean();
    private volatile @Nullable HttpSessionView view;
    private volatile int depth;
    /** An asynchronous cycle was begun and its end will be told to {@link VisitEnd}. */
    private volatile boolean asyncStarted;
    /** The container may still dispatch to an error page. */
    private volatile boolean errorAhead;
    /** The answer is our own 503 or 409. */
    private volatile boolean refused;

    private Visit(
            HttpServletRequest request, HttpServletResponse response, SessionManager manager, ServletContext context) {
        this.manager = manager;
        this.context = context;
        this.response = response;
        exchange = new ServletExchange(request, response);
    }

    /** The visit that the request is part of, or a new one. */
    static Visit of(
            HttpServletRequest request, HttpServletResponse response, SessionManager manager, ServletContext context) {
        if (request.getAttribute(ATTRIBUTE) instanceof Visit visit && !visit.finished.get()) {
            return visit;
        }
        Visit visit = new Visit(request, response, manager, context);
        request.setAttribute(ATTRIBUTE, visit);
        return visit;
    }

    /** Runs one dispatch. The outermost one saves the session at its end, and ends it with the request. */
    void pass(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest in = request;
        HttpServletResponse out = response;
        if (!isOurs(request) || !isOurs(response)) {
            SessionResponse wrapped = new SessionResponse(response, this);
            in = new SessionRequest(request, wrapped, this);
            out = wrapped;
        }
        if (depth > 0) {
            chain.doFilter(in, out);
            return;
        }
        depth = 1;
        asyncStarted = false;
        errorAhead = false;
        if (!exchange.isCommitted()) {
            // Jetty takes away what it holds for the lost page's own headers ahead of an error page.
            exchange.restore();
        }
        try {
            chain.doFilter(in, out);
            if (!asyncStarted) {
                commit();
                if (!exchange.isCommitted()) {
                    // What was saved within an include that the context dispatched, in a container that ignores headers
                    // there.
                    exchange.restore();
                }
            }
        } catch (IOException | ServletException | RuntimeException | Error failure) {
            if (!refuse(failure)) {
                failed(failure);
                throw failure;
            }
            if (in.isAsyncStarted()) {
                in.getAsyncContext().complete();
            }
        } finally {
            depth = 0;
            if (!asyncStarted) {
                if (errorAhead) {
                    saveLate();
                } else {
                    finish();
                }
            }
        }
    }

    private static boolean isOurs(ServletRequest request) {
        return request instanceof SessionRequest
                || (request instanceof ServletRequestWrapper wrapper && wrapper.isWrapperFor(SessionRequest.class));
    }

    private static boolean isOurs(ServletResponse response) {
        return response instanceof SessionResponse
                || (response instanceof ServletResponseWrapper wrapper && wrapper.isWrapperFor(SessionResponse.class));
    }

    Session session() {
        return manager.current(exchange);
    }

    ServletExchange exchange() {
        return exchange;
    }

    /** The session as the servlet API shows it; null when there is none. */
    @Nullable
    HttpSessionView view() {
        HttpSessionView known = view;
        if (known != null && known.isEnded()) {
            known = null;
        }
        if (session().id() == null) {
            return known != null && known.isPassing() ? known : null;
        }
        return known == null ? show(false) : known;
    }

    /** As {@link #view}, with a session made where there is none. */
    HttpSessionView viewOrNew() {
        HttpSessionView known = view();
        if (known != null) {
            return known;
        }
        if (exchange.isCommitted()) {
            throw new IllegalStateException("There is no session, and the response has begun without its cookie:"
                    + " call getSession before the response is written or flushed");
        }
        session().untyped().require();
        return show(session().id() == null);
    }

    private HttpSessionView show(boolean passing) {
        HttpSessionView made = new HttpSessionView(session(), context, passing);
        view = made;
        return made;
    }

    /** Saves the session ahead of a byte that may go out; once one did, what changes is saved by {@link #finish}. */
    void commit() {
        if (!refused && !finished.get() && !exchange.isCommitted()) {
            manager.commit(exchange);
        }
    }

    /** Saves what the handler did before it failed, as servlet containers do; the failure goes first. */
    private void failed(Throwable failure) {
        errorAhead = true;
        try {
            commit();
        } catch (RuntimeException second) {
            if (!second.equals(failure)) {
                failure.addSuppressed(second);
            }
        }
    }

    void asyncStarted() {
        asyncStarted = true;
    }

    void errorAhead() {
        errorAhead = true;
    }

    /** Saves the session ahead of the end of an asynchronous answer. */
    void complete() {
        try {
            commit();
        } catch (SessionException failure) {
            if (!refuse(failure)) {
                log(failure);
            }
        }
    }

    /** Ends the session for this request. The response is out by now, so a failure can only be logged. */
    void finish() {
        if (finished.compareAndSet(false, true)) {
            HttpSessionView known = view;
            try {
                if (known != null) {
                    known.keepId();
                }
                manager.finish(exchange);
            } catch (SessionException failure) {
                log(failure);
            }
        }
    }

    /** Saves what was changed after {@code sendError}; the error page, if there is one, goes on with the session. */
    private void saveLate() {
        try {
            manager.commit(exchange);
        } catch (SessionException failure) {
            log(failure);
        }
    }

    private void log(SessionException failure) {
        context.log("A session was changed after its response had begun, and could not be saved", failure);
    }

    /** Answers a store that is away, or a lost conflict, as long as nothing went out. */
    private boolean refuse(Throwable failure) {
        SessionException reason = reason(failure);
        if (reason == null || response.isCommitted()) {
            return false;
        }
        refused = true;
        // The client is told to try again, so nothing of this try may be stored behind the answer.
        session().discard();
        boolean away = reason instanceof SessionUnavailableException;
        byte[] body = (away
                        ? "The service is not available at the moment. Please try again.\n"
                        : "Another request changed the same data at the same time. Please try again.\n")
                .getBytes(StandardCharsets.US_ASCII);
        try {
            response.reset();
            exchange.restore();
            response.setStatus(away ? HttpServletResponse.SC_SERVICE_UNAVAILABLE : HttpServletResponse.SC_CONFLICT);
            if (away) {
                response.setHeader("Retry-After", "1");
            }
            response.setHeader("Cache-Control", "no-store");
            response.setContentType("text/plain;charset=US-ASCII");
            response.setContentLength(body.length);
            response.getOutputStream().write(body);
        } catch (IOException clientIsGone) {
            context.log("The client is gone: " + clientIsGone.getMessage());
        }
        return true;
    }

    private static @Nullable SessionException reason(Throwable failure) {
        Throwable each = failure;
        for (int i = 0; each != null && i < MAX_CAUSES; i++) {
            if (each instanceof SessionUnavailableException || each instanceof SessionConflictException) {
                return (SessionException) each;
            }
            Throwable cause = each.getCause();
            each = cause == null && each instanceof ServletException servlet ? servlet.getRootCause() : cause;
        }
        return null;
    }
}
