package dev.coatcheck.memcached;

import dev.coatcheck.memcached.MemcachedException.Fate;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Asks a server for its statistics, on a connection and a thread that are used for nothing else. */
final class Inquiry {
    private final MemcachedNode node;
    private final String ownPrefix;
    private final CompletableFuture<ServerStats> answer = new CompletableFuture<>();
    private volatile @Nullable Wire wire;
    private volatile boolean late;

    private Inquiry(MemcachedNode node, String ownPrefix) {
        this.node = node;
        this.ownPrefix = ownPrefix;
    }

    static CompletableFuture<ServerStats> begin(MemcachedNode node, String ownPrefix, Duration timeout) {
        Inquiry inquiry = new Inquiry(node, ownPrefix);
        Future<?> limit = node.settings().later(inquiry::expire, timeout.toNanos());
        Thread thread = new Thread(() -> inquiry.run(limit), "memcached " + node.name() + " inquiry");
        thread.setDaemon(true);
        thread.start();
        return inquiry.answer;
    }

    /** The caller hears at once, also where the thread hangs in what cannot be ended, as looking a name up. */
    private void expire() {
        late = true;
        fail(new SocketTimeoutException("no answer in time"));
        close();
    }

    private void close() {
        Wire open = wire;
        if (open != null) {
            open.close();
        }
    }

    private void fail(Throwable failure) {
        answer.completeExceptionally(
                new MemcachedException(Fate.NOT_SENT, node.name() + " gives no statistics: " + Link.reason(failure)));
    }

    private void run(Future<?> limit) {
        try {
            Wire opened = node.address().connect(node.settings());
            wire = opened;
            if (!late) {
                opened.secure();
                answer.complete(ask(opened));
            }
        } catch (IOException | RuntimeException | Error e) {
            // Whatever it is: somebody waits for the answer.
            fail(e);
        } finally {
            limit.cancel(false);
            close();
        }
    }

    private ServerStats ask(Wire opened) throws IOException {
        ReplyInput in = new ReplyInput(opened);
        Handshake handshake = new Handshake(opened, in);
        ServerInfo server = handshake.shake(node.settings().credentials());
        handshake.send("stats\r\nstats items\r\n");
        Map<String, String> all = handshake.stats();
        SizeClasses classes = SizeClasses.read(in);
        int[] used = classes.used();
        handshake.send(KeySample.commands(used));
        KeySample keys = KeySample.read(in, used.length, ownPrefix);
        return new ServerStats(
                server,
                Duration.ofSeconds(Handshake.number(all, "uptime")),
                Handshake.number(all, "curr_connections"),
                Handshake.number(all, "max_connections"),
                Handshake.number(all, "curr_items"),
                Handshake.number(all, "bytes"),
                Handshake.number(all, "limit_maxbytes"),
                Handshake.number(all, "evictions") + ifThere(all, "slab_reassign_evictions_nomem"),
                ifThere(all, "evicted_active"),
                classes.evictedUnused(),
                ifThere(all, "store_no_memory"),
                ifThere(all, "cmd_flush"),
                ifThere(all, "incr_hits")
                        + ifThere(all, "incr_misses")
                        + ifThere(all, "decr_hits")
                        + ifThere(all, "decr_misses"),
                keys.seen(),
                keys.foreign());
    }

    /** A server that is run in another way may not count it. */
    private static long ifThere(Map<String, String> stats, String name) throws UnfitServerException {
        return stats.containsKey(name) ? Handshake.number(stats, name) : 0;
    }
}
