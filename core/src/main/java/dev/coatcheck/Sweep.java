package dev.coatcheck;

import dev.coatcheck.SessionEvent.Kind;
import java.security.SecureRandom;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what has expired, in a store that does not do so by itself. Whoever ends a session tells the listeners of it, so that in a
 * cluster one does. Safe for use by many threads.
 */
final class Sweep {
    private static final Logger LOG = LoggerFactory.getLogger(SessionManager.class);
    private static final int BATCH = 500;

    private final SessionStore store;
    private final Counters counters;
    private final Events events;

    Sweep(SessionStore store, Protocol protocol) {
        this.store = store;
        counters = protocol.counters();
        events = protocol.events();
    }

    /** Goes on now and then, behind the requests, until the chores are closed; at another moment in each process. */
    void start(Duration every, SecureRandom random, Chores chores) {
        long millis = every.toMillis();
        long jitter = (long) (random.nextDouble() * millis / 2);
        chores.in(Duration.ofMillis(millis - millis / 4 + jitter), () -> {
            all();
            start(every, random, chores);
        });
    }

    private void all() {
        try {
            int swept;
            do {
                swept = sweep(BATCH);
            } while (swept > 0);
        } catch (SessionUnavailableException away) {
            LOG.warn("Expired sessions were not ended, since the session store is away");
        } catch (RuntimeException e) {
            LOG.error("The sweep of expired sessions failed: {}", e.getClass().getName());
        }
    }

    /** Ends so many at most, and says how many it has. */
    int sweep(int limit) {
        int swept = store.needsSweep() ? store.sweep(limit).size() : 0;
        for (int i = 0; i < swept; i++) {
            counters.expired.increment();
            events.tell(Kind.EXPIRED, null);
        }
        return swept;
    }
}
