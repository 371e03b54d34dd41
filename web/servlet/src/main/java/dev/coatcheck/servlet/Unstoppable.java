package dev.coatcheck.servlet;

import jakarta.servlet.http.HttpSession;

/** What happens to a session whatever its listeners do. */
final class Unstoppable {
    private Unstoppable() {}

    /** Runs a listener; what it throws is logged and stops nothing. */
    static void run(HttpSession session, Object listener, Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | Error failure) {
            session.getServletContext()
                    .log(listener.getClass().getName() + " failed; what it was told of happens all the same", failure);
        }
    }
}
