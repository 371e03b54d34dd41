package dev.coatcheck.store.appengine;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * When a call of a store is over, however many calls of a service it takes.
 *
 * @param nanos by the system's elapsed time
 */
record Deadline(long nanos) {
    private static final long SHORTEST_CALL = TimeUnit.MILLISECONDS.toNanos(1);

    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /** In nanoseconds; never negative. */
    long left() {
        return Math.max(0, nanos - System.nanoTime());
    }

    /** Whether there is no time for another call. */
    boolean isOver() {
        return left() < SHORTEST_CALL;
    }
}
