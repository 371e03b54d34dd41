package dev.coatcheck.store.memcached;

import dev.coatcheck.SessionStore.Key;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What nodes have missed while they were away, as far as this process knows: it is brought to them when they answer again; without
 * a witness before they are used for anything else. Bounded. Safe for use by many threads.
 */
final class CopyHints {
    static final int MAX_KEYS = 10_000;

    private final Map<String, Map<Key, Hint>> byNode = new ConcurrentHashMap<>();
    private final LongAdder repairs = new LongAdder();
    private final LongAdder splits = new LongAdder();
    private final LongAdder dropped = new LongAdder();

    /** What a node has missed of a key. Two are never the same: what is missed while the first is delivered is another one. */
    static final class Hint {
        private final Duration lease;
        private final @Nullable NodeValue tomb;

        /**
         * @param lease that the key was stored with
         * @param tomb the mark of its end; null: a write
         */
        Hint(Duration lease, @Nullable NodeValue tomb) {
            this.lease = lease;
            this.tomb = tomb;
        }

        Duration lease() {
            return lease;
        }

        @Nullable
        NodeValue tomb() {
            return tomb;
        }
    }

    /** Those of one key, whose nodes have these names. */
    OfKey of(Key key, Voters voters) {
        return new OfKey(key, voters);
    }

    /** Whether a node has missed something that was not brought to it yet. */
    boolean wait(String node) {
        Map<Key, Hint> waiting = byNode.get(node);
        return waiting != null && !waiting.isEmpty();
    }

    /** What a node has missed; a copy. */
    Map<Key, Hint> of(String node) {
        return Map.copyOf(byNode.getOrDefault(node, Map.of()));
    }

    /** Forgets a hint, unless there is a newer one by now. */
    void delivered(String node, Key key, Hint hint) {
        Map<Key, Hint> waiting = byNode.get(node);
        if (waiting != null) { // the node may have left the list meanwhile
            waiting.remove(key, hint);
        }
    }

    /** Forgets what other nodes than these have missed: they have left the list, and come back to it as any node that is behind. */
    void keep(Set<String> nodes) {
        byNode.keySet().retainAll(nodes);
    }

    CopyStats stats() {
        Map<String, Integer> missed = new HashMap<>();
        byNode.forEach((node, waiting) -> {
            int keys = waiting.size();
            if (keys > 0) {
                missed.put(node, keys);
            }
        });
        return new CopyStats(repairs.sum(), splits.sum(), missed, dropped.sum());
    }

    private void add(String node, Key key, Hint hint) {
        Map<Key, Hint> waiting = byNode.computeIfAbsent(node, name -> new ConcurrentHashMap<>());
        if (waiting.size() >= MAX_KEYS && !waiting.containsKey(key)) {
            dropped.increment();
            return;
        }
        waiting.merge(key, hint, (old, now) -> old.tomb == null ? now : old);
    }

    /** The hints of one key. For one thread. */
    final class OfKey {
        private final Key key;
        private final Voters voters;
        private final Set<Integer> missed = new HashSet<>();

        private OfKey(Key key, Voters voters) {
            this.key = key;
            this.voters = voters;
        }

        /** A write has not reached the node at this place. */
        void repair(int place, Duration lease) {
            missed.add(place);
            add(voters.names().get(place), key, new Hint(lease, null));
        }

        /** The mark of an end has not reached it. */
        void bury(int place, NodeValue tomb) {
            missed.add(place);
            add(voters.names().get(place), key, new Hint(Duration.ZERO, tomb));
        }

        /** Whether a node has missed something of what was done with these. */
        boolean anyMissed() {
            return !missed.isEmpty();
        }

        /** Whether the node at this place has. */
        boolean missed(int place) {
            return missed.contains(place);
        }

        void repaired(int copies) {
            repairs.add(copies);
        }

        /** Of two nodes each has what the other does not, and one is given up. */
        void split() {
            splits.increment();
        }
    }
}
