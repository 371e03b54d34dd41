package dev.coatcheck.chaos;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** When data went: a server's memory, with what it alone held. Safe for use by many threads. */
final class Losses {
    private final List<Loss> all = new CopyOnWriteArrayList<>();

    private record Loss(long begun, long done) {}

    /** Destroys something, and notes the moments around it. */
    void during(Moments moments, Runnable destruction) {
        long begun = moments.next();
        destruction.run();
        all.add(new Loss(begun, moments.next()));
    }

    /** Whether a session may have been hit that was made at the one moment and sought by the other. */
    boolean between(long made, long sought) {
        return all.stream().anyMatch(loss -> loss.done >= made && loss.begun <= sought);
    }
}
