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

    Visit visit() {
        return visit;
    }

    /** Replaces the id; the old one leads nowhere at once. */
    @Override
    public String changeSessionId() {
        HttpSessionView view = visit.view();
        if (view == null) {
            throw new IllegalStateException("There is no session whose id could be changed");
        }
        return view.changeId();
    }

    /** The public id of our ticket; without one, what the container made of the request, which is never adopted. */
    @Override
    public @Nullable String getRequestedSessionId() {
        String own = visit.session().requestedId();
        return own == null ? super.getRequestedSessionId() : own;
    }

    @Override
    public boolean isRequestedSessionIdValid() {
        Session session = visit.session();
        return session.requestedId() != null && session.id() != null && !session.isNew();
    }

    @Override
    public boolean isRequestedSessionIdFromCookie() {
        return visit.session().requestedId() != null || super.isRequestedSessionIdFromCookie();
    }

    @Override
    public boolean isRequestedSessionIdFromURL() {
        return visit.session().requestedId() == null && super.isRequestedSessionIdFromURL();
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
        visit.asyncStarted(context);
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
