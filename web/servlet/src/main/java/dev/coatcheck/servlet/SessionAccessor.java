package dev.coatcheck.servlet;

import dev.coatcheck.Session;
import dev.coatcheck.SessionExchange;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.servlet.Sightings.Seen;
import jakarta.servlet.http.HttpSession;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A session as WebSocket endpoints and background tasks reach it. Each access is served as a request of its own: one trip to
 * load, one more to store what was changed, merged with what others change. Safe for use by many threads.
 */
final class SessionAccessor implements HttpSession.Accessor {
    private final Desk desk;
    private final @Nullable String id;
    private final @Nullable Ticket ticket;

    /** @param ticket null where the request came by an id that has been replaced, which leads nowhere soon */
    SessionAccessor(Desk desk, @Nullable String id, @Nullable Ticket ticket) {
        this.desk = desk;
        this.id = id;
        this.ticket = ticket;
    }

    /**
     * @throws IllegalStateException when the session has ended, or has another id since
     * @throws SessionUnavailableException when the store is away, or the changes are not stored for certain
     */
    @Override
    public void access(Consumer<HttpSession> consumer) {
        Ticket ticket = this.ticket;
        if (ticket == null) {
            throw gone();
        }
        long began = System.currentTimeMillis();
        SessionExchange exchange = ticket.exchange();
        Session session = desk.manager().current(exchange);
        try {
            String there = there(session);
            Seen before = desk.sightings().next(there, began);
            HttpSessionView view = HttpSessionView.of(session, desk, before, () -> ticket);
            run(consumer, view, exchange);
            if (!view.isEnded()) {
                view.requestEnds(began);
            }
        } finally {
            desk.manager().finish(exchange);
        }
    }

    private String there(Session session) {
        String now = session.id();
        if (now != null && now.equals(id)) {
            return now;
        }
        if (!session.isAvailable()) {
            throw new SessionUnavailableException("The session store is away", null);
        }
        throw gone();
    }

    private static IllegalStateException gone() {
        return new IllegalStateException("The session has ended, or has another id since its accessor was obtained");
    }

    /** What was done before a failure is stored, as a request's is. */
    private void run(Consumer<HttpSession> consumer, HttpSessionView view, SessionExchange exchange) {
        try {
            consumer.accept(view);
        } catch (RuntimeException | Error failure) {
            try {
                save(view, exchange);
            } catch (RuntimeException second) {
                failure.addSuppressed(second);
            }
            throw failure;
        }
        save(view, exchange);
    }

    private void save(HttpSessionView view, SessionExchange exchange) {
        if (!view.isEnded()) {
            view.passivate();
        }
        desk.manager().commit(exchange);
    }

    /** The public id alone. */
    @Override
    public String toString() {
        return "SessionAccessor[" + id + "]";
    }
}
