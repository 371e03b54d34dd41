package dev.coatcheck;

/**
 * Told of what happens to sessions, after the store has answered and on the thread that did it. What it throws is logged
 * and stops nothing. New kinds of event may come in later releases: ignore what is not known.
 */
@FunctionalInterface
public interface SessionListener {

    /** Called once for each event; keep it short, since a request waits for it. */
    void on(SessionEvent event);
}
