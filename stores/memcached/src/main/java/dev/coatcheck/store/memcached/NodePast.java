package dev.coatcheck.store.memcached;

import dev.coatcheck.memcached.ServerIdentity;
import dev.coatcheck.memcached.ServerStats;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a node's figures came to since the store was opened. A server that was restarted counts anew; what one had counted
 * when it was first asked does not count here.
 *
 * @param server whose figures these were
 * @param evictionsOfServer as the server counts them
 * @param refusedOfServer as the server counts them
 * @param evictions since the store was opened
 * @param refused since the store was opened
 * @param evictedAt when the last ones were found; null when never
 * @param refusedAt when the last ones were found; null when never
 */
record NodePast(
        ServerIdentity server,
        long evictionsOfServer,
        long refusedOfServer,
        long evictions,
        long refused,
        @Nullable Long evictedAt,
        @Nullable Long refusedAt) {
    private static final long LATELY = Duration.ofMinutes(5).toNanos();

    /** With what the server says now. */
    static NodePast after(@Nullable NodePast before, ServerStats stats, long now) {
        ServerIdentity server = stats.server().identity();
        if (before == null) {
            return new NodePast(server, stats.evictions(), stats.refused(), 0, 0, null, null);
        }
        boolean same = server.equals(before.server);
        // Of two that ask at a time, the one that asked first may come here last.
        long evicted = Math.max(0, stats.evictions() - (same ? before.evictionsOfServer : 0));
        long refused = Math.max(0, stats.refused() - (same ? before.refusedOfServer : 0));
        return new NodePast(
                server,
                same ? before.evictionsOfServer + evicted : stats.evictions(),
                same ? before.refusedOfServer + refused : stats.refused(),
                before.evictions + evicted,
                before.refused + refused,
                evicted > 0 ? Long.valueOf(now) : before.evictedAt,
                refused > 0 ? Long.valueOf(now) : before.refusedAt);
    }

    boolean evictedLately(long now) {
        return evictedAt != null && now - evictedAt < LATELY;
    }

    boolean refusedLately(long now) {
        return refusedAt != null && now - refusedAt < LATELY;
    }
}
