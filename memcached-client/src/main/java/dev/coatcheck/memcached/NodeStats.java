package dev.coatcheck.memcached;

/**
 * What a node has counted since the client was opened, and how it is now.
 *
 * @param node its name
 * @param up whether it answers
 * @param operations commands that were asked for
 * @param hits gets that found something
 * @param misses gets that found nothing
 * @param timeouts commands that were sent and not answered in time
 * @param notSent commands that failed without being sent: the node was away, or too many were on their way
 * @param refused commands that the server could not do
 * @param connections connections that were made, the first ones included
 * @param inFlight commands that wait or are on their way now
 * @param bytesSent bytes of commands
 * @param bytesReceived bytes of replies
 * @param latencies how long answers took
 */
public record NodeStats(
        String node,
        boolean up,
        long operations,
        long hits,
        long misses,
        long timeouts,
        long notSent,
        long refused,
        long connections,
        int inFlight,
        long bytesSent,
        long bytesReceived,
        Latencies latencies) {}
