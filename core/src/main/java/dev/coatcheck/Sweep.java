package dev.coatcheck;

import dev.coatcheck.SessionEvent.Kind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
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
    private final Counters counters;
    private final Events events;
    private final ScheduledExecutorService timer;

    private Sweep(SessionStore store, Duration every, Counters counters, Events events) {
        this.store = store;
        this.every = every;
        this.counters = counters;
        this.events = events;
        timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "coatcheck-sweep");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Begins; {@link #close()} ends it. */
    static Sweep start(SessionStore store, Duration every, Counters counters, Events events) {
        Sweep sweep = new Sweep(store, every, counters, events);
        sweep.later();
        return sweep;
    }

    private void later() {
        long millis = every.toMillis();
        long jitter = ThreadLocalRandom.current().nextLong(millis / 2 + 1);
        var ignored = timer.schedule(this::run, millis - millis / 4 + jitter, TimeUnit.MILLISECONDS);
    }

    private void run() {
        try {
            sweep(store, counters, events);
        } catch (SessionUnavailableException away) {
            LOG.warn("Expired sessions were not ended, since the session store is away");
        } catch (RuntimeException e) {
            LOG.error("The sweep of expired sessions failed: {}", e.getClass().getName());
        }
        if (!timer.isShutdown()) {
            later();
        }
    }

    /** Ends all that has expired by now, and says how many this call has ended. */
    static int sweep(SessionStore store, Counters counters, Events events) {
        int ended = 0;
        List<SessionStore.Key> swept;
        do {
            swept = store.sweep(BATCH);
            for (int i = 0; i < swept.size(); i++) {
                counters.expired.increment();
                events.tell(Kind.EXPIRED, null);
            }
            ended += swept.size();
        } while (!swept.isEmpty());
        return ended;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
