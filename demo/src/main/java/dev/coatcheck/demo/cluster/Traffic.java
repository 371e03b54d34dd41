package dev.coatcheck.demo.cluster;

import java.net.URI;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Users who use both Chirps, so that something moves. */
final class Traffic implements AutoCloseable {
    private static final long PAUSE_MILLIS = 400;
    private static final int THREADS = 8;

    private final Tally tally;
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(THREADS, Threads::daemon);

    Traffic(int users, List<URI> sites) {
        tally = new Tally(users);
        for (int i = 1; i <= users; i++) {
            User user = new User("user-" + i, sites, tally);
            ScheduledFuture<?> unused = threads.scheduleWithFixedDelay(
                    user::act, PAUSE_MILLIS * i / users, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    Tally tally() {
        return tally;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
