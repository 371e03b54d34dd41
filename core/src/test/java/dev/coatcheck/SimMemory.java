package dev.coatcheck;

import dev.coatcheck.SessionStore.Key;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What a memcached does with its commands, each at once and whole. A restart empties it, and its CAS begins at 1 again. */
final class SimMemory {
    final SimHost host;
    private final MovableClock clock;
    private final Watcher watcher;
    private final Map<Key, Item> items = new TreeMap<>();
    private long lastCas;
    /** Whether there is no room for the next write. */
    private BooleanSupplier full = () -> false;

    /** Sees each change at the moment it happens. */
    interface Watcher {
        void changed(Key key, @Nullable Item before, @Nullable Item after, String why);
    }

    /**
     * What is kept.
     *
     * @param value empty for a claim
     * @param flags the version number, of which a claim has none
     */
    record Item(byte[] value, long flags, long cas, Instant endsAt) {
        boolean isClaim() {
            return value.length == 0;
        }

        @Override
        public String toString() {
            return (isClaim() ? "claim" : "version " + flags) + " cas " + cas;
        }
    }

    /** The status of a reply. */
    enum Status {
        DONE,
        NOT_STORED,
        EXISTS,
        ABSENT,
        /** There is no room, and what was under the key is gone. */
        REFUSED
    }

    /** The answer to a write. */
    record Did(Status status, long cas) {}

    /**
     * The answer to a read.
     *
     * @param item null when nothing is there
     * @param left the rest of its lease before it was touched
     * @param won whether this very read has made the claim
     * @param process which process of the server answers
     */
    record Got(@Nullable Item item, Duration left, boolean won, int process) {}

    SimMemory(String name, MovableClock clock, Watcher watcher) {
        this.host = new SimHost(name);
        this.clock = clock;
        this.watcher = watcher;
    }

    /** It counts in whole seconds. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    /** What is there now; null for nothing. */
    @Nullable
    Item at(Key key) {
        Item item = items.get(key);
        if (item != null && !now().isBefore(item.endsAt)) {
            put(key, item, null, "expired");
            return null;
        }
        return item;
    }

    /** As {@link #at}, also when it is over and nobody has looked. */
    @Nullable
    Item held(Key key) {
        return items.get(key);
    }

    Got get(Key key) {
        Item item = at(key);
        return new Got(item, left(item), false, host.process());
    }

    Got touch(Key key, Duration lease) {
        Item item = at(key);
        Got got = new Got(item, left(item), false, host.process());
        if (item != null) {
            items.put(key, new Item(item.value, item.flags, item.cas, now().plus(lease)));
        }
        return got;
    }

    /** As {@link #touch}, and where nothing is a claim is made, as by {@code mg} with {@code N}. */
    Got claim(Key key, Duration lease, Duration claim) {
        if (at(key) != null) {
            return touch(key, lease);
        }
        Item made = new Item(new byte[0], 0, ++lastCas, now().plus(claim));
        put(key, null, made, "claim");
        return new Got(made, claim, true, host.process());
    }

    private Duration left(@Nullable Item item) {
        return item == null ? Duration.ZERO : Duration.between(now(), item.endsAt);
    }

    Did add(Key key, byte[] value, long flags, Duration lease) {
        if (full.getAsBoolean()) {
            return refused(key);
        }
        return at(key) != null ? new Did(Status.NOT_STORED, 0) : stored(key, value, flags, lease, "add");
    }

    Did swap(Key key, byte[] value, long flags, long cas, Duration lease) {
        if (full.getAsBoolean()) {
            return refused(key);
        }
        Item item = at(key);
        if (item == null || item.cas != cas) {
            return new Did(item == null ? Status.ABSENT : Status.EXISTS, 0);
        }
        return stored(key, value, flags, lease, "swap");
    }

    Did set(Key key, byte[] value, long flags, Duration lease) {
        return full.getAsBoolean() ? refused(key) : stored(key, value, flags, lease, "set");
    }

    /** It looks for room before it looks at the condition, and deletes what it fears to be old. */
    private Did refused(Key key) {
        Item item = at(key);
        if (item != null) {
            put(key, item, null, "refusal");
        }
        return new Did(Status.REFUSED, 0);
    }

    private Did stored(Key key, byte[] value, long flags, Duration lease, String why) {
        Item item = new Item(value, flags, ++lastCas, now().plus(lease));
        put(key, items.get(key), item, why);
        return new Did(Status.DONE, item.cas);
    }

    Did delete(Key key) {
        return delete(key, at(key));
    }

    Did delete(Key key, long cas) {
        Item item = at(key);
        return item != null && item.cas != cas ? new Did(Status.EXISTS, 0) : delete(key, item);
    }

    private Did delete(Key key, @Nullable Item item) {
        if (item == null) {
            return new Did(Status.ABSENT, 0);
        }
        put(key, item, null, "delete");
        return new Did(Status.DONE, 0);
    }

    private void put(Key key, @Nullable Item before, @Nullable Item after, String why) {
        if (after == null) {
            items.remove(key);
        } else {
            items.put(key, after);
        }
        watcher.changed(key, before, after, why);
    }

    // Faults

    void fill(BooleanSupplier full) {
        this.full = full;
    }

    /** @param quiet whether nothing is on its way here: then what was written last may be evicted too */
    void befall(SimChance chance, SimTrace trace, boolean quiet) {
        int which = chance.below(12);
        if (which < 6) {
            trace.add(() -> host.name + (host.isFrozen() ? " thaws" : " freezes"));
            host.freezeOrThaw();
        } else if (which == 6) {
            restart(trace);
        } else {
            evict(chance, quiet);
        }
    }

    void restart(SimTrace trace) {
        trace.add(() -> host.name + " is restarted");
        host.restart(clock.instant());
        lastCas = 0;
        List.copyOf(items.keySet()).forEach(key -> put(key, items.get(key), null, "restart"));
    }

    void evict(SimChance chance, boolean quiet) {
        if (!items.isEmpty()) {
            Key key = chance.of(List.copyOf(items.keySet()));
            Item item = items.get(key);
            if (quiet || item == null || item.flags != Envelope.TERMINAL_VERSION) {
                put(key, item, null, "eviction");
            }
        }
    }
}
