package dev.coatcheck.memcached;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
        return Objects.requireNonNull(best(KeyHash.of(key), List.of(), false));
    }

    /** The node that had a key under the list before; null when that is the one that has it, or there was no list before. */
    public @Nullable MemcachedNode formerOwner(String key) {
        if (former == null) {
            return null;
        }
        MemcachedNode before = former.owner(key);
        return before.name().equals(owner(key).name()) ? null : before;
    }

    /**
     * The nodes of so many copies of a key: the owner, then the one that would own the key without it, and so on, each in a zone of its own as long as
     * there is one more. All nodes where there are fewer.
     */
    public List<MemcachedNode> owners(String key, int count) {
        long hash = KeyHash.of(key);
        List<MemcachedNode> owners = new ArrayList<>(Math.min(count, seeds.length));
        while (owners.size() < Math.min(count, seeds.length)) {
            MemcachedNode elsewhere = best(hash, owners, true);
            MemcachedNode next = elsewhere == null ? best(hash, owners, false) : elsewhere;
            owners.add(Objects.requireNonNull(next));
        }
        return owners;
    }

    /** The highest of those that are not taken, nor their zones where that is asked for; null when there is none. */
    private @Nullable MemcachedNode best(long hash, List<MemcachedNode> taken, boolean elsewhere) {
        MemcachedNode best = null;
        long highest = 0;
        for (int i = 0; i < seeds.length; i++) {
            MemcachedNode node = nodes.get(i);
            long score = score(i, hash);
            if ((best == null || Long.compareUnsigned(score, highest) > 0) && !isTaken(node, taken, elsewhere)) {
                best = node;
                highest = score;
            }
        }
        return best;
    }

    private static boolean isTaken(MemcachedNode node, List<MemcachedNode> taken, boolean withItsZone) {
        for (int i = 0; i < taken.size(); i++) {
            MemcachedNode other = taken.get(i);
            if (withItsZone ? other.zone().equals(node.zone()) : other == node) {
                return true;
            }
        }
        return false;
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
