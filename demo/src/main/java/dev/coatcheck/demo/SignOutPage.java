package dev.coatcheck.demo;

import dev.coatcheck.Session;
import java.util.List;
import java.util.Map;

/** Ends the session. */
final class SignOutPage implements Page {
    @Override
    public List<String> methods() {
        return List.of("POST");
    }

    @Override
    public Reply post(Session session, Form form) {
        return leave(session);
    }

    Reply leave(Session session) {
        return session.logout()
                ? new Reply.SeeOther("/")
                // The cookie is gone from this browser; the store has not confirmed the end.
                : new Reply.Shown(200, "signedOutHere.jte", "Signed out in this browser", Map.of());
    }
}
