package dev.coatcheck.servlet;

import dev.coatcheck.Session;
import dev.coatcheck.servlet.Sightings.Seen;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A session that can be reached outside of its request. A class of its own, since accessors came with Servlet 6.1: with an
 * older API whoever lists the methods of a session must not meet their type.
 */
final class AccessibleSession extends HttpSessionView {
    private final Session session;
    private final Desk desk;
    private final Supplier<@Nullable Ticket> ticket;

    AccessibleSession(Session session, Desk desk, Seen seenBefore, Supplier<@Nullable Ticket> ticket) {
        super(session, desk, seenBefore);
        this.session = session;
        this.desk = desk;
        this.ticket = ticket;
    }

    /** Stores a session that is not stored yet, or not under its new id. Null for one that passes away with its request. */
    @Override
    public @Nullable Accessor getAccessor() {
        live();
        String id = session.id();
        if (id == null) {
            return null;
        }
        Ticket found = ticket.get();
        return new SessionAccessor(desk, session.id(), found);
    }
}
