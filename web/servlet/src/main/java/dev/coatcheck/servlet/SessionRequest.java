package dev.coatcheck.servlet;

import dev.coatcheck.Session;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpUpgradeHandler;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A request whose session is ours. */
final class SessionRequest extends HttpServletRequestWrapper {
    private final SessionResponse response;
    private final Visit visit;

    SessionRequest(HttpServletRequest request, SessionResponse response, Visit visit) {
        super(request);
        this.response = response;
        this.visit = visit;
    }

    @Override
    public HttpSession getSession() {
        return visit.viewOrNew();
    }

    @Override
    public @Nullable HttpSession getSession(boolean create) {
        return create ? visit.viewOrNew() : visit.view();
    }

    /** Replaces the id; the old one leads nowhere at once. */
    @Override
    public String changeSessionId() {
        Session session = visit.session();
        if (session.id() == null) {
            throw new IllegalStateException("There is no session whose id could be changed");
        }
        session.changeId();
        String id = session.id();
        if (id == null) {
            throw new IllegalStateException("The session has ended");
        }
        return id;
    }

    @Override
    public @Nullable String getRequestedSessionId() {
        return visit.session().requestedId();
    }

    @Override
    public boolean isRequestedSessionIdValid() {
        Session session = visit.session();
        return session.requestedId() != null && session.id() != null && !session.isNew();
    }

    @Override
    public boolean isRequestedSessionIdFromCookie() {
        return getRequestedSessionId() != null;
    }

    @Override
    public boolean isRequestedSessionIdFromURL() {
        return false;
    }

    @Override
    public @Nullable RequestDispatcher getRequestDispatcher(String path) {
        RequestDispatcher dispatcher = super.getRequestDispatcher(path);
        return dispatcher == null ? null : new SessionDispatcher(dispatcher, visit);
    }

    /** With this request and its response, since the container's own would lead past the session. */
    @Override
    public AsyncContext startAsync() {
        return startAsync(this, response);
    }

    @Override
    public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
        AsyncContext context = super.startAsync(request, response);
        visit.asyncStarted();
        context.addListener(new VisitEnd(visit));
        return new SessionAsyncContext(context, visit);
    }

    @Override
    public AsyncContext getAsyncContext() {
        return new SessionAsyncContext(super.getAsyncContext(), visit);
    }

    @Override
    public <T extends HttpUpgradeHandler> T upgrade(Class<T> handler) throws IOException, ServletException {
        visit.commit();
        return super.upgrade(handler);
    }
}
