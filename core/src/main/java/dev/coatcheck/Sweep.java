package dev.coatcheck;

import dev.coatcheck.SessionEvent.Kind;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what has expired, in a store that does not do so by itself: now and then, behind the requests, at another moment in
 * each process. Whoever ends a session tells the listeners of it, so that in a cluster one does.
 */
final class Sweep implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SessionManager.class);
    private static final int BATCH = 500;

    private final SessionStore store;
    private final Duration every;
    private final SecureRandom random;
    private final Counters counters;
    private final Events events;
    private final ScheduledExecutorService timer;

    private Sweep(SessionStore store, Duration every, Protocol protocol) {
        this.store = store;
        this.every = every;
        random = protocol.random();
        counters = protocol.counters();
        events = protocol.events();
        timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "coatcheck-sweep");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Begins; {@link #close()} ends it. */
    static Sweep start(SessionStore store, Duration every, Protocol protocol) {
        Sweep sweep = new Sweep(store, every, protocol);
        sweep.later();
        return sweep;
    }

    private void later() {
        long millis = every.toMillis();
        long jitter = (long) (random.nextDouble() * millis / 2);
        var ignored = timer.schedule(this::run, millis - millis / 4 + jitter, TimeUnit.MILLISECONDS);
    }

    private void run() {
        try {
            sweep();
        } catch (SessionUnavailableException away) {
            LOG.warn("Expired sessions were not ended, since the session store is away");
        } catch (RuntimeException e) {
            LOG.error("The sweep of expired sessions failed: {}", e.getClass().getName());
        }
        if (!timer.isShutdown()) {
            later();
        }
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

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
