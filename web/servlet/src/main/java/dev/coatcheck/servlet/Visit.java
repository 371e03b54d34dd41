package dev.coatcheck.servlet;

import dev.coatcheck.Session;
import dev.coatcheck.SessionConflictException;
import dev.coatcheck.SessionException;
import dev.coatcheck.SessionLimitException;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.servlet.Sightings.Seen;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One request and its session, over all its dispatches: kept as a request attribute, so that forward, include, error and
 * async dispatches share it. A dispatch to another context begins another visit, with that context's session. Used by the
 * threads of one request.
 */
final class Visit {
    static final String ATTRIBUTE = "dev.coatcheck.servlet.visit";

    private static final int MAX_CAUSES = 16;

    private final Desk desk;
    private final HttpServletResponse response;
    private final ServletExchange exchange;
    /** The visit that the request began with; another one's context was dispatched to from there. */
    private final Visit root;
    /** The request before this one with the same ticket. */
    private final Seen seenBefore;

    private final long began = System.currentTimeMillis();
    private final AtomicBoolean finished = new AtomicBoolean();
    private volatile List<Visit> others = List.of();
    private volatile @Nullable HttpSessionView view;
    private volatile int depth;
    /** An asynchronous cycle was begun and its end will be told to {@link VisitEnd}. */
    private volatile boolean asyncStarted;
    /** Ends the visit; null as long as the request is not asynchronous. */
    private volatile @Nullable VisitEnd end;
    /** The container may still dispatch to an error page. */
    private volatile boolean errorAhead;
    /** The answer is our own 503 or 409. */
    private volatile boolean refused;

    /** @param root null when this is the first context that the request came to */
    private Visit(HttpServletRequest request, HttpServletResponse response, Desk desk, @Nullable Visit root) {
        this.desk = desk;
        this.root = root == null ? this : root;
        // An include takes no header lines: they count on the first context's response alone.
        this.response = root == null ? response : root.response;
        exchange = new ServletExchange(request, this.response);
        seenBefore = desk.sightings().any() && request.getHeader("Cookie") != null ? sighting() : Seen.NEVER;
    }

    /** Reads no more than the cookie, so that a request that ignores its session costs no command. */
    private Seen sighting() {
        String id = session().requestedId();
        return id == null ? Seen.NEVER : desk.sightings().next(id, began);
    }

    /** Runs one dispatch in the visit of its context, which is the current one meanwhile. */
    static void pass(HttpServletRequest request, HttpServletResponse response, Desk desk, FilterChain chain)
            throws IOException, ServletException {
        Visit before = request.getAttribute(ATTRIBUTE) instanceof Visit known && !known.finished.get() ? known : null;
        Visit visit = before == null ? new Visit(request, response, desk, null) : before.root.of(request, desk);
        if (visit.equals(before)) {
            visit.pass(request, response, chain);
            return;
        }
        request.setAttribute(ATTRIBUTE, visit);
        try {
            visit.pass(request, response, chain);
        } finally {
            if (before != null) {
                request.setAttribute(ATTRIBUTE, before);
            }
        }
    }

    /** This visit or that of another context: each has a session of its own. */
    private Visit of(HttpServletRequest request, Desk asked) {
        if (isOf(asked)) {
            return this;
        }
        for (Visit other : others) {
            if (other.isOf(asked)) {
                return other;
            }
        }
        Visit visit = new Visit(request, response, asked, this);
        others = Stream.concat(others.stream(), Stream.of(visit)).toList();
        return visit;
    }

    private boolean isOf(Desk asked) {
        return desk.context().equals(asked.context());
    }

    /** Runs one dispatch. The outermost one saves the session at its end, and ends it with the request. */
    private void pass(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
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
        // Jetty takes away what it holds for the lost page's own headers ahead of an error page.
        restore();
        try {
            chain.doFilter(in, out);
            if (!asyncStarted) {
                commit();
                // What was saved within an include that the context dispatched, in a container that ignores headers
                // there.
                restore();
            }
        } catch (IOException | ServletException | RuntimeException | Error failure) {
            if (!refuse(failure)) {
                failed(request, failure);
                throw failure;
            }
            if (in.isAsyncStarted()) {
                in.getAsyncContext().complete();
            }
        } finally {
            depth = 0;
            if (!asyncStarted) {
                if (errorAhead || root.end != null || !root.equals(this)) {
                    saveLate();
                } else {
                    finish();
                }
            }
        }
    }

    /** Whether the outermost of our wrappers is this visit's: another context's shows another session. */
    private boolean isOurs(ServletRequest request) {
        ServletRequest each = request;
        while (each instanceof ServletRequestWrapper wrapper) {
            if (each instanceof SessionRequest ours) {
                return ours.visit().equals(this);
            }
            each = wrapper.getRequest();
        }
        return false;
    }

    private static boolean isOurs(ServletResponse response) {
        return response instanceof SessionResponse
                || (response instanceof ServletResponseWrapper wrapper && wrapper.isWrapperFor(SessionResponse.class));
    }

    SessionManager manager() {
        return desk.manager();
    }

    Session session() {
        return desk.manager().current(exchange);
    }

    /** Adds header lines of the request's sessions again that somebody has taken away, as long as nothing went out. */
    void restore() {
        if (!exchange.isCommitted()) {
            root.exchange.restore();
            root.others.forEach(other -> other.exchange.restore());
        }
    }

    /** The session as the servlet API shows it; null when there is none. */
    @Nullable
    HttpSessionView view() {
        HttpSessionView known = view;
        if (known != null && (known.isEnded() || known.isReplaced())) {
            known = null;
        }
        if (session().id() == null) {
            return known != null && known.isPassing() ? known : null;
        }
        return known == null ? show() : known;
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
        return show();
    }

    private HttpSessionView show() {
        HttpSessionView made = HttpSessionView.of(session(), desk, seenBefore, this::ticket);
        view = made;
        if (made.isNew()) {
            made.created();
        }
        return made;
    }

    /**
     * The ticket that leads to this session outside of the request; null where the request came by an id that was replaced. A
     * session that has none yet is saved for it.
     */
    private @Nullable Ticket ticket() {
        Ticket known = ticketThatLeadsHere();
        if (known == null) {
            commit();
            known = ticketThatLeadsHere();
        }
        return known;
    }

    private @Nullable Ticket ticketThatLeadsHere() {
        String id = session().id();
        for (String cookie : exchange.cookies()) {
            Ticket ticket = new Ticket(cookie, exchange.connection(), exchange.path());
            String its = desk.manager().current(ticket.exchange()).requestedId();
            if (its != null && its.equals(id)) {
                return ticket;
            }
        }
        return null;
    }

    /** Saves the session ahead of a byte that may go out; once one did, what changes is saved by {@link #finish}. */
    void commit() {
        if (!refused && !finished.get() && !exchange.isCommitted()) {
            save();
        }
    }

    private void save() {
        HttpSessionView shown = view;
        if (shown == null || shown.isEnded()) {
            desk.manager().commit(exchange);
            return;
        }
        shown.passivate();
        desk.manager().commit(exchange);
        Unstoppable.run(shown, desk.listeners(), shown::follow);
    }

    /** Saves what the handler did before it failed, as servlet containers do; the failure goes first. */
    private void failed(HttpServletRequest request, Throwable failure) {
        errorAhead = true;
        try {
            commit();
            if (exchange.isCookieSet() && !exchange.isCommitted()) {
                UndertowCommit.before(request, exchange::restore);
            }
        } catch (RuntimeException second) {
            if (!second.equals(failure)) {
                failure.addSuppressed(second);
            }
        }
    }

    void asyncStarted(AsyncContext context) {
        asyncStarted = true;
        root.asyncStarted = true;
        endAfterListenersOf(context);
    }

    /** Listeners are called in the order in which they came, and shall have the session: the end is the last of them. */
    void endAfterListenersOf(AsyncContext context) {
        VisitEnd last = new VisitEnd(this);
        context.addListener(last);
        root.end = last;
    }

    /** Whether this is the end, and not one that listeners were added after. */
    boolean isLast(VisitEnd asked) {
        return asked.equals(root.end);
    }

    void errorAhead() {
        errorAhead = true;
        root.errorAhead = true;
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

    /** Ends the request's sessions for this request. The response is out by now, so a failure can only be logged. */
    void finish() {
        root.others.forEach(Visit::finishThis);
        root.finishThis();
    }

    private void finishThis() {
        if (finished.compareAndSet(false, true)) {
            HttpSessionView shown = view;
            try {
                if (shown != null && !shown.isEnded()) {
                    shown.requestEnds(began);
                }
                desk.manager().finish(exchange);
            } catch (SessionException failure) {
                log(failure);
            }
        }
    }

    /** Saves what was changed after {@code sendError}; the error page, if there is one, goes on with the session. */
    private void saveLate() {
        try {
            save();
        } catch (SessionException failure) {
            log(failure);
        }
    }

    private void log(SessionException failure) {
        desk.context().log("A session was changed after its response had begun, and could not be saved", failure);
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
        byte[] body = body(reason).getBytes(StandardCharsets.US_ASCII);
        try {
            response.reset();
            restore();
            response.setStatus(away ? HttpServletResponse.SC_SERVICE_UNAVAILABLE : HttpServletResponse.SC_CONFLICT);
            if (away) {
                response.setHeader("Retry-After", "1");
            }
            response.setHeader("Cache-Control", "no-store");
            response.setContentType("text/plain;charset=US-ASCII");
            response.setContentLength(body.length);
            response.getOutputStream().write(body);
        } catch (IOException clientIsGone) {
            desk.context().log("The client is gone: " + clientIsGone.getMessage());
        }
        return true;
    }

    private static String body(SessionException reason) {
        if (reason instanceof SessionUnavailableException) {
            return "The service is not available at the moment. Please try again.\n";
        }
        return reason instanceof SessionLimitException
                ? "You are signed in on as many devices as may be. Please sign out on another one first.\n"
                : "Another request changed the same data at the same time. Please try again.\n";
    }

    private static @Nullable SessionException reason(Throwable failure) {
        Throwable each = failure;
        for (int i = 0; each != null && i < MAX_CAUSES; i++) {
            if (each instanceof SessionUnavailableException
                    || each instanceof SessionConflictException
                    || each instanceof SessionLimitException) {
                return (SessionException) each;
            }
            Throwable cause = each.getCause();
            each = cause == null && each instanceof ServletException servlet ? servlet.getRootCause() : cause;
        }
        return null;
    }
}
