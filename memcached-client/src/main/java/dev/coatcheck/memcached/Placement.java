package dev.coatcheck.memcached;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which node has a key: rendezvous hashing over the nodes' names. Each node draws a number for each key and the highest has
 * it, so that a node more or less moves no key between others. Membership is configuration: a node that is away keeps its keys.
 */
final class Placement {
    private final List<MemcachedNode> nodes;
    private final long[] seeds;

    Placement(List<MemcachedNode> nodes) {
        this.nodes = List.copyOf(nodes);
        seeds = nodes.stream().mapToLong(node -> KeyHash.of(node.name())).toArray();
    }

    MemcachedNode owner(String key) {
        long hash = KeyHash.of(key);
        int best = 0;
        for (int i = 1; i < seeds.length; i++) {
            if (Long.compareUnsigned(score(i, hash), score(best, hash)) > 0) {
                best = i;
            }
        }
        return nodes.get(best);
    }

    /** All nodes, the owner first, then the one that would own the key without it, and so on. */
    List<MemcachedNode> ranked(String key) {
        long hash = KeyHash.of(key);
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < seeds.length; i++) {
            places.add(i);
        }
        places.sort(Comparator.comparing(i -> score(i, hash), (a, b) -> Long.compareUnsigned(b, a)));
        return places.stream().map(nodes::get).toList();
    }

    private long score(int node, long hash) {
        return KeyHash.mixed(seeds[node] ^ hash);
    }
}
