package dev.coatcheck.store.memcached;

import dev.coatcheck.StoreHealth;
import dev.coatcheck.StoreHealth.Part;
import dev.coatcheck.StoreHealth.Trouble;
import dev.coatcheck.memcached.Command;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.memcached.MemcachedException;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.memcached.ServerInfo;
import dev.coatcheck.memcached.ServerStats;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How each node is: by a command over the connections that the sessions use, and by the server's own statistics. All nodes are
 * asked at a time, within the client's timeout. Safe for use by many threads.
 */
final class NodesHealth {
    /** The figure of what the server has thrown out since it was started. */
    static final String OF_SERVER = "evictionsOfServer";

    /** The figure of signs of others: keys in a sample, and commands that are not ours. */
    static final String FOREIGN = "foreign";

    /** As large as many a session, and thus of their size class, where a server that evicts nothing refuses first. */
    private static final int PROBE_BYTES = 1_000;

    private final MemcachedClient client;
    private final String prefix;
    private final String probe;
    private final LongSupplier nanos;
    private final Map<String, NodePast> past = new ConcurrentHashMap<>();

    NodesHealth(MemcachedClient client, String prefix, LongSupplier nanos) {
        this.client = client;
        this.prefix = prefix;
        this.nanos = nanos;
        byte[] random = new byte[12];
        new SecureRandom().nextBytes(random);
        probe = prefix + "health:" + Base64.getUrlEncoder().encodeToString(random);
    }

    private record Asked(MemcachedNode node, CompletableFuture<?> probe, CompletableFuture<ServerStats> stats) {}

    StoreHealth look() {
        return look(node -> node.submit(probe(node)), client.timeout());
    }

    /** By the servers' statistics alone, for the start: what they have counted so far is none of this store's. */
    StoreHealth first(Duration patience) {
        Duration timeout = client.timeout();
        return look(
                node -> CompletableFuture.completedFuture(true), timeout.compareTo(patience) < 0 ? timeout : patience);
    }

    private StoreHealth look(Function<MemcachedNode, CompletableFuture<?>> ask, Duration timeout) {
        List<MemcachedNode> nodes = client.nodes();
        List<Asked> asked = nodes.stream()
                .map(node -> new Asked(node, ask.apply(node), node.serverStats(prefix, timeout)))
                .toList();
        past.keySet().retainAll(nodes.stream().map(MemcachedNode::name).toList());
        return new StoreHealth(asked.stream().map(this::part).toList());
    }

    /** A server that evicts would throw out a session for what is written here. */
    private Command probe(MemcachedNode node) {
        ServerInfo server = node.server();
        return server == null || server.evicts()
                ? Command.get(probe)
                : Command.set(probe, new byte[PROBE_BYTES]).expire(1);
    }

    private Part part(Asked asked) {
        String name = "memcached " + asked.node.name();
        MemcachedException failure = failure(asked.probe);
        boolean refused = failure != null && failure.fate() == MemcachedException.Fate.REFUSED;
        if (failure != null && !refused) {
            return Part.away(name, said(failure));
        }
        MemcachedException unclear = failure(asked.stats);
        if (unclear != null) {
            Set<Trouble> troubles = EnumSet.of(Trouble.UNCLEAR);
            if (refused) {
                troubles.add(Trouble.REFUSES_WRITES);
            }
            return new Part(name, troubles, said(unclear), Map.of());
        }
        ServerStats stats = asked.stats.join();
        long now = nanos.getAsLong();
        NodePast known = past.compute(asked.node.name(), (node, before) -> NodePast.after(before, stats, now));
        return part(name, known, stats, refused || known.refusedLately(now), known.evictedLately(now));
    }

    /** Null when it went well. Both end by themselves within the timeout. */
    private static @Nullable MemcachedException failure(CompletableFuture<?> answer) {
        try {
            answer.join();
            return null;
        } catch (CompletionException e) {
            if (e.getCause() instanceof MemcachedException failure) {
                return failure;
            }
            throw e;
        }
    }

    private static String said(MemcachedException failure) {
        return String.valueOf(failure.getMessage());
    }

    private static Part part(String name, NodePast known, ServerStats stats, boolean refuses, boolean evicts) {
        Set<Trouble> troubles = EnumSet.noneOf(Trouble.class);
        List<String> reasons = new ArrayList<>();
        if (refuses) {
            troubles.add(Trouble.REFUSES_WRITES);
            reasons.add("its memory is full and it refuses writes: give it more (-m)");
        }
        if (evicts) {
            troubles.add(Trouble.EVICTS);
            reasons.add("its memory is full and it throws out live sessions: give it more (-m)");
        }
        if (stats.isShared()) {
            reasons.add("somebody else uses it too, whose items may push sessions out");
        }
        return new Part(name, troubles, String.join("; ", reasons), figures(known, stats));
    }

    private static Map<String, Long> figures(NodePast known, ServerStats stats) {
        Map<String, Long> figures = new LinkedHashMap<>();
        figures.put(StoreHealth.EVICTIONS, known.evictions());
        figures.put(OF_SERVER, stats.evictions());
        Duration unused = stats.evictedUnused();
        if (unused != null) {
            figures.put("evictedUnusedSeconds", unused.toSeconds());
        }
        figures.put("refused", known.refused());
        figures.put("refusedOfServer", stats.refused());
        figures.put("items", stats.items());
        figures.put("bytes", stats.bytes());
        figures.put("limitBytes", stats.limitBytes());
        figures.put("connections", stats.connections());
        figures.put("uptimeSeconds", stats.uptime().toSeconds());
        figures.put(FOREIGN, stats.foreignKeys() + stats.counters());
        return figures;
    }
}
