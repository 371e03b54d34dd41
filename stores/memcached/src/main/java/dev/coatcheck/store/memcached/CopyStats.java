package dev.coatcheck.store.memcached;

import java.util.Map;

/**
 * What a store has counted of its sessions' second copies since it was opened, and what it still has to bring to nodes.
 *
 * @param repairs copies that had missed something and were brought what is newest, by a read or behind the requests
 * @param splits sessions of which two nodes each had what the other did not, so that one of them was given up; with a witness
 *     that is decided by what it has seen, and not counted
 * @param missed of how many keys a node has not been given yet what it missed while it was away, by the node's name; nodes that
 *     miss nothing, as far as this process knows, are not in it
 * @param dropped what a node missed and was not noted, since too much was already: it is repaired when it is next read
 */
public record CopyStats(long repairs, long splits, Map<String, Integer> missed, long dropped) {
    static final CopyStats ONE_COPY = new CopyStats(0, 0, Map.of(), 0);

    /** Keeps a copy of the map. */
    public CopyStats {
        missed = Map.copyOf(missed);
    }
}
