package dev.coatcheck.servlet;

import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;

/** The container's listeners, then those that were given to us. */
record TwoListeners(SessionListeners first, SessionListeners second) implements SessionListeners {
    @Override
    public void created(HttpSession session) {
        first.created(session);
        second.created(session);
    }

    @Override
    public void destroyed(HttpSession session) {
        second.destroyed(session);
        first.destroyed(session);
    }

    @Override
    public void idChanged(HttpSession session, String oldId) {
        first.idChanged(session, oldId);
        second.idChanged(session, oldId);
    }

    @Override
    public void attribute(HttpSession session, String name, @Nullable Object oldValue, @Nullable Object newValue) {
        first.attribute(session, name, oldValue, newValue);
        second.attribute(session, name, oldValue, newValue);
    }
}
