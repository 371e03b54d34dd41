package dev.coatcheck.demo;

import dev.coatcheck.Session;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What every page shows around its own content.
 *
 * @param user who is signed in; null for a visitor, and when the store is away
 * @param csrf for the sign-out form; empty without a user
 * @param ticket null without a user
 * @param sessionsAvailable false when the store is away
 */
public record Frame(
        String title,
        @Nullable String user,
        String csrf,
        List<String> flashes,
        @Nullable Ticket ticket,
        boolean sessionsAvailable) {

    /**
     * The frame for whoever sent the request. A visitor gets no cookie by it, and the store is not asked.
     *
     * @param takesFlash false leaves the messages for a later page
     */
    static Frame of(String title, Session session, boolean takesFlash) {
        if (!session.isAvailable()) {
            return withoutSession(title, false);
        }
        String user = session.userId();
        return user == null
                ? withoutSession(title, true)
                : new Frame(
                        title,
                        user,
                        session.csrfToken(),
                        takesFlash ? session.takeFlash() : List.of(),
                        Ticket.of(session),
                        true);
    }

    /** A visitor's frame. */
    static Frame withoutSession(String title, boolean available) {
        return new Frame(title, null, "", List.of(), null, available);
    }
}
