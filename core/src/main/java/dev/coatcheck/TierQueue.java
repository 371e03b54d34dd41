package dev.coatcheck;

import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Version;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Changes that the cache has and the durable store gets a little later, oldest first, one for each key. Bounded by keys; the
 * lock guards the map alone.
 */
final class TierQueue {
    private final int maxKeys;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, Pending> waiting = new LinkedHashMap<>();

    TierQueue(int maxKeys) {
        this.maxKeys = maxKeys;
    }

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

    /** Lets a change wait; false when there is no room, and it has to go to the durable store at once. */
    boolean offer(Key key, Pending change) {
        lock.lock();
        try {
            Pending before = waiting.get(key);
            if (before == null && waiting.size() >= maxKeys) {
                return false;
            }
            waiting.put(
                    key,
                    before == null ? change : new Pending(change.value, change.envelope, change.lease, before.base));
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Nullable
    Pending get(Key key) {
        lock.lock();
        try {
            return waiting.get(key);
        } finally {
            lock.unlock();
        }
    }

    /** Forgets a change, unless there is a newer one by now. */
    void done(Key key, Pending change) {
        lock.lock();
        try {
            waiting.remove(key, change);
        } finally {
            lock.unlock();
        }
    }

    /** Forgets whatever waits: the key has ended. */
    void drop(Key key) {
        lock.lock();
        try {
            waiting.remove(key);
        } finally {
            lock.unlock();
        }
    }

    /** Those of now, oldest first; a copy. */
    List<Key> keys() {
        lock.lock();
        try {
            return List.copyOf(waiting.keySet());
        } finally {
            lock.unlock();
        }
    }
}
