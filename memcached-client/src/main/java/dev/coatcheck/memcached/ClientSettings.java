package dev.coatcheck.memcached;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all nodes of a client share. {@link MemcachedClient.Builder} says what each means. */
record ClientSettings(
        Duration timeout,
        int connections,
        int maxOperations,
        long maxBytesInFlight,
        int maxValueBytes,
        int minNodes,
        @Nullable SSLContext tls,
        Credentials credentials,
        NodeListener listener,
        ScheduledExecutorService timer) {

    private static final Logger LOG = LoggerFactory.getLogger(MemcachedClient.class);

    /** How long a connection may take to come about. Nobody waits for it longer than for his command. */
    static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

    /** Runs it in so many nanoseconds; at once when the client is closed. */
    Future<?> later(Runnable task, long nanos) {
        try {
            return timer.schedule(task, Math.max(0, nanos), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closedMeanwhile) {
            task.run();
            return CompletableFuture.completedFuture(null);
        }
    }

    /** Tells the listener, whatever it throws: the thread that tells is needed for more. */
    void tell(NodeEvent event) {
        try {
            listener.on(event);
        } catch (RuntimeException | Error e) {
            LOG.error(
                    "A node listener failed at {}: {}",
                    event.kind(),
                    e.getClass().getName());
        }
    }

    /** Hides the credentials. */
    @Override
    public String toString() {
        return "ClientSettings[timeout=" + timeout + "]";
    }
}
