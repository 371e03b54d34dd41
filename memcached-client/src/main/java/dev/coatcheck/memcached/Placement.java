package dev.coatcheck.memcached;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which node has a key: rendezvous hashing over the nodes' names. Each node draws a number for each key and the highest has
 * it, so that a node more or less moves no key between others. Membership is configuration: a node that is away keeps its keys.
 *
 * <p>Immutable: a client whose list of nodes changes has another placement then. Whoever asks more than one question about a
 * key asks one placement.
 */
public final class Placement {
    private final List<MemcachedNode> nodes;
    private final long[] seeds;
    private final @Nullable Placement former;

    Placement(List<MemcachedNode> nodes) {
        this(nodes, null);
    }

    private Placement(List<MemcachedNode> nodes, @Nullable Placement former) {
        this.nodes = List.copyOf(nodes);
        seeds = nodes.stream().mapToLong(node -> KeyHash.of(node.name())).toArray();
        this.former = former;
    }

    /** The same list after another one. */
    Placement after(List<MemcachedNode> before) {
        return new Placement(nodes, before.isEmpty() ? null : new Placement(before));
    }

    /** All nodes, in the order in which they were given. */
    public List<MemcachedNode> nodes() {
        return nodes;
    }

    /** The nodes of the list before; empty when there was none, or it is forgotten. */
    public List<MemcachedNode> formerNodes() {
        return former == null ? List.of() : former.nodes;
    }

    /** The node that has a key. */
    public MemcachedNode owner(String key) {
        long hash = KeyHash.of(key);
        int best = 0;
        for (int i = 1; i < seeds.length; i++) {
            if (Long.compareUnsigned(score(i, hash), score(best, hash)) > 0) {
                best = i;
            }
        }
        return nodes.get(best);
    }

    /** The node that had a key under the list before; null when that is the one that has it, or there was no list before. */
    public @Nullable MemcachedNode formerOwner(String key) {
        if (former == null) {
            return null;
        }
        MemcachedNode before = former.owner(key);
        return before.name().equals(owner(key).name()) ? null : before;
    }

    /** All nodes, the owner first, then the one that would own the key without it, and so on. */
    public List<MemcachedNode> ranked(String key) {
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

    /** The nodes. */
    @Override
    public String toString() {
        return "Placement" + nodes;
    }
}
