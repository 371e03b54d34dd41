package dev.coatcheck.store.appengine;

import java.time.Duration;

/**
 * When a call of a store is over, however many calls of a service it takes.
 *
 * @param nanos by the system's elapsed time
 */
record Deadline(long nanos) {
    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /** In nanoseconds; never negative. */
    long left() {
        return Math.max(0, nanos - System.nanoTime());
    }

    boolean isOver() {
        return left() == 0;
    }
}
