package dev.coatcheck.memcached;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How long to wait before the next connection: not at all after one that had lived, then longer and longer. For one thread. */
final class Backoff {
    static final Duration LONGEST = Duration.ofMillis(500);

    private static final long FIRST_MILLIS = 20;
    private static final int MAX_DOUBLINGS = 5;

    private int failures;

    /**
     * The pause after a connection failed or ended.
     *
     * @param lived whether it had been of use for a while
     */
    Duration pause(boolean lived) {
        if (lived) {
            failures = 0;
            return Duration.ZERO;
        }
        long longest = Math.min(LONGEST.toMillis(), FIRST_MILLIS << Math.min(failures, MAX_DOUBLINGS));
        failures++;
        // Many clients that lost a server together shall not come back together.
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(longest / 2, longest + 1));
    }
}
