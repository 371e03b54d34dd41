package dev.coatcheck.servlet;

import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;

/**
 * The session listeners of one application, in the order that the specification gives. Asked for at each event, since a
 * container may still add some. Safe for use by many threads.
 */
interface SessionListeners {

    /** In the order in which they were declared. */
    void created(HttpSession session);

    /** In the reverse order, with the session still readable. What a listener throws is logged: it cannot stop a log-out. */
    void destroyed(HttpSession session);

    /** After the session has its new id. */
    void idChanged(HttpSession session, String oldId);

    /** An attribute was added, when there was no old value; removed, when there is no new one; else replaced. */
    void attribute(HttpSession session, String name, @Nullable Object oldValue, @Nullable Object newValue);
}
