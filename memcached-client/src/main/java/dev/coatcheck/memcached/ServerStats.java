package dev.coatcheck.memcached;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a server counts of itself, since it was started and of all its clients.
 *
 * @param server who it is
 * @param uptime how long it has been running, in whole seconds
 * @param connections that it has now, the one that asked included
 * @param maxConnections how many it takes ({@code -c})
 * @param items that it holds; some may have expired and not been noticed
 * @param bytes that they take
 * @param limitBytes how many they may take ({@code -m})
 * @param evictions live items that it has thrown out for lack of room, by its moving of memory between sizes too. What had
 *     expired is not among them
 * @param evictedActive those of them that had been read several times of late
 * @param evictedUnused how long what it threw out last had not been used, in whole seconds; of several sizes of items the
 *     shortest. Null when it threw out none
 * @param refused writes that it refused for lack of room, as it does with {@code -M}
 * @param flushes how often everything in it was deleted at one blow
 * @param counters commands that count up or down, which this client cannot send
 * @param sampledKeys how many keys were looked at, the newest few of each size of item; 0 also where the server does not show
 *     them ({@code -X})
 * @param foreignKeys how many of them do not begin as the caller's own do. One is proof of somebody else; none proves nothing
 */
public record ServerStats(
        ServerInfo server,
        Duration uptime,
        long connections,
        long maxConnections,
        long items,
        long bytes,
        long limitBytes,
        long evictions,
        long evictedActive,
        @Nullable Duration evictedUnused,
        long refused,
        long flushes,
        long counters,
        int sampledKeys,
        int foreignKeys) {

    /** Whether somebody else uses the server, for certain: it has keys or counted commands that are not the caller's. */
    public boolean isShared() {
        return foreignKeys > 0 || counters > 0;
    }
}
