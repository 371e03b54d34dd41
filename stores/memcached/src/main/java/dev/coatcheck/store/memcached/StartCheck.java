package dev.coatcheck.store.memcached;

import dev.coatcheck.StoreHealth;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.memcached.ServerInfo;
import dev.coatcheck.memcached.UnfitServerException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether the servers that answer at the start can serve. A server that is away is no fault: the requests will tell. */
final class StartCheck {
    private static final Logger LOG = LoggerFactory.getLogger(MemcachedSessionStore.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** What an item takes beside its value: header, flags, CAS, line end; and the key, twice what ours may be. */
    private static final int ITEM_BYTES = 64 + 2 * 96;

    private StartCheck() {}

    /** @throws IllegalArgumentException with a line for each fault */
    static void check(MemcachedClient client, MemcachedUrl options) {
        List<String> faults = new ArrayList<>();
        long end = System.nanoTime() + PATIENCE.toNanos();
        for (MemcachedNode node : client.nodes()) {
            String fault = fault(node, options, end - System.nanoTime());
            if (fault != null) {
                faults.add("node '" + node.name() + "': " + fault);
            }
        }
        if (options.copies() > 1 && client.nodes().size() == 2) {
            LOG.warn(
                    "copies=2 on two nodes: while one is away, log-outs stay unconfirmed until it is back, and what two"
                            + " processes that see different nodes write of one session at once is one's alone; a third node"
                            + " prevents both");
        }
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", faults));
        }
    }

    /** Says what is no fault and yet a danger to sessions: a server that is too small already, or that has other work. */
    static void warn(NodesHealth health) {
        for (StoreHealth.Part part : health.first(PATIENCE).parts()) {
            long evictions = part.figures().getOrDefault(NodesHealth.OF_SERVER, 0L);
            if (evictions > 0) {
                LOG.warn(
                        "{} has thrown out {} live items since it was started: it is too small for sessions to last",
                        part.name(),
                        evictions);
            }
            if (part.figures().getOrDefault(NodesHealth.FOREIGN, 0L) > 0) {
                LOG.warn(
                        "{} is used by somebody else too, whose items may push sessions out: give sessions servers of their"
                                + " own",
                        part.name());
            }
        }
    }

    private static @Nullable String fault(MemcachedNode node, MemcachedUrl options, long patience) {
        try {
            return fault(node.firstContact().get(Math.max(0, patience), TimeUnit.NANOSECONDS), options);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnfitServerException unfit) {
                return unfit.getMessage();
            }
        } catch (TimeoutException e) {
            LOG.warn("memcached {} has not answered yet; requests that need it will fail until it does", node.name());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return null;
    }

    private static @Nullable String fault(ServerInfo server, MemcachedUrl options) {
        long needed = (long) options.maxValueBytes() + ITEM_BYTES;
        if (server.maxItemBytes() < needed) {
            return "it takes items of " + server.maxItemBytes() + " bytes and " + needed
                    + " are needed: start it with a larger -I, or set a smaller maxValueBytes";
        }
        if (server.evicts() == options.evicts()) {
            return null;
        }
        return server.evicts()
                ? "it evicts when its memory is full, though whenFull=refuse is set"
                : "it refuses sessions when its memory is full (-M); to have it so, set whenFull=refuse";
    }
}
