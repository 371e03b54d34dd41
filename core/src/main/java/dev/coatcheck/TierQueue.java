package dev.coatcheck;

import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Version;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Changes that the cache has and the durable store gets a little later, one for each key, the one first that has waited for
 * longest. Bounded by keys, by bytes, and by how long the durable store has left one waiting; the lock guards the map and its
 * sum alone.
 */
final class TierQueue {
    private final Bounds bounds;
    private final LongSupplier nanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, Place> waiting = new LinkedHashMap<>();
    private long bytes;

    /** @param nanos elapsed time, as {@link System#nanoTime} */
    TierQueue(Bounds bounds, LongSupplier nanos) {
        this.bounds = bounds;
        this.nanos = nanos;
    }

    /**
     * How much may wait.
     *
     * @param keys of how many keys
     * @param bytes of all values together
     * @param age how long the durable store may leave one waiting before no more are taken
     */
    record Bounds(int keys, long bytes, Duration age) {}

    /**
     * What is to be stored.
     *
     * @param value the newest
     * @param envelope its envelope
     * @param lease the key's
     * @param base the version that the durable store holds, as far as this process knows
     */
    record Pending(byte[] value, Envelope envelope, Duration lease, Version base) {
        /** Hides the value. */
        @Override
        public String toString() {
            return "Pending[" + value.length + " bytes]";
        }
    }

    /** @param since when the durable store last had all of the key */
    private record Place(Pending change, long since) {}

    /**
     * Whether a change of this key may wait; where not, it has to go to the durable store at once. Of a store that has left one
     * waiting for too long none may, not even of a key that waits already: what is held back does not grow older unseen.
     */
    boolean hasRoom(Key key, int length) {
        lock.lock();
        try {
            Place before = waiting.get(key);
            long others = bytes - (before == null ? 0 : before.change.value.length);
            return (before != null || waiting.size() < bounds.keys)
                    && others + length <= bounds.bytes
                    && age().compareTo(bounds.age) < 0;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes what the cache has by now, though others took the room meanwhile: never more than there are requests at once. Not
     * what comes late, when the change that was made on top of it waits already.
     */
    void put(Key key, Pending change) {
        lock.lock();
        try {
            Place before = waiting.get(key);
            if (before != null && before.change.envelope.version() > change.envelope.version()) {
                return;
            }
            bytes += change.value.length - (before == null ? 0 : before.change.value.length);
            waiting.put(
                    key,
                    before == null
                            ? new Place(change, nanos.getAsLong())
                            : new Place(
                                    new Pending(change.value, change.envelope, change.lease, before.change.base),
                                    before.since));
        } finally {
            lock.unlock();
        }
    }

    @Nullable
    Pending get(Key key) {
        lock.lock();
        try {
            Place place = waiting.get(key);
            return place == null ? null : place.change;
        } finally {
            lock.unlock();
        }
    }

    /** Forgets a change that the durable store has; a newer one by now waits from now on. */
    void done(Key key, Pending change) {
        lock.lock();
        try {
            Place place = waiting.get(key);
            if (place == null) {
                return;
            }
            waiting.remove(key);
            if (place.change.equals(change)) {
                bytes -= change.value.length;
            } else {
                waiting.put(key, new Place(place.change, nanos.getAsLong()));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Forgets whatever waits: the key has ended. */
    void drop(Key key) {
        lock.lock();
        try {
            Place place = waiting.remove(key);
            if (place != null) {
                bytes -= place.change.value.length;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Those of now, the one first that has waited for longest; a copy. */
    List<Key> keys() {
        lock.lock();
        try {
            return List.copyOf(waiting.keySet());
        } finally {
            lock.unlock();
        }
    }

    /** Of how many sessions a change waits. */
    int sessions() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** How many bytes wait: those of the values. */
    long bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /** For how long the durable store has left a change waiting; zero when none does. */
    Duration oldestAge() {
        lock.lock();
        try {
            return age();
        } finally {
            lock.unlock();
        }
    }

    private Duration age() {
        return waiting.isEmpty()
                ? Duration.ZERO
                : Duration.ofNanos(
                        nanos.getAsLong() - waiting.values().iterator().next().since);
    }
}
