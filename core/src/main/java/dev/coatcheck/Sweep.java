package dev.coatcheck;

import dev.coatcheck.SessionEvent.Kind;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what has expired, in a store that does not do so by itself: now and then, behind the requests, at another moment in
 * each process. Whoever ends a session tells the listeners of it, so that in a cluster one does.
 */
final class Sweep {
    private static final Logger LOG = LoggerFactory.getLogger(SessionManager.class);
    private static final int BATCH = 500;

    private final SessionStore store;
    private final Duration every;
    private final SecureRandom random;
    private final Counters counters;
    private final Events events;
    private final Chores chores;

    private Sweep(SessionStore store, Duration every, Protocol protocol, Chores chores) {
        this.store = store;
        this.every = every;
        random = protocol.random();
        counters = protocol.counters();
        events = protocol.events();
        this.chores = chores;
    }

    /** Begins; goes on until the chores are closed. */
    static void start(SessionStore store, Duration every, Protocol protocol, Chores chores) {
        new Sweep(store, every, protocol, chores).later();
    }

    private void later() {
        long millis = every.toMillis();
        long jitter = (long) (random.nextDouble() * millis / 2);
        chores.in(Duration.ofMillis(millis - millis / 4 + jitter), this::run);
    }

    private void run() {
        try {
            sweep();
        } catch (SessionUnavailableException away) {
            LOG.warn("Expired sessions were not ended, since the session store is away");
        } catch (RuntimeException e) {
            LOG.error("The sweep of expired sessions failed: {}", e.getClass().getName());
        }
        later();
    }

    /** Ends all that has expired by now. */
    private void sweep() {
        List<SessionStore.Key> swept;
        do {
            swept = store.sweep(BATCH);
            for (int i = 0; i < swept.size(); i++) {
                counters.expired.increment();
                events.tell(Kind.EXPIRED, null);
            }
        } while (!swept.isEmpty());
    }
}
