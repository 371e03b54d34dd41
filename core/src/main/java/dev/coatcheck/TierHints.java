package dev.coatcheck;

import dev.coatcheck.SessionStore.Key;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keys of which the cache may hold something older than the durable store, since it could not be reached when that was
 * written. Until the cache was brought to it this process believes nothing that the cache says of them. Bounded. Safe for use
 * by many threads.
 */
final class TierHints {
    static final int MAX_KEYS = 10_000;

    private final Map<Key, Hint> hints = new ConcurrentHashMap<>();

    /**
     * What the cache must not be older than.
     *
     * @param durable the envelope of what the durable store holds
     * @param lease the key's
     */
    record Hint(Envelope durable, Duration lease) {}

    /** Keeps a hint; false when there are too many, and this one is not kept. */
    boolean add(Key key, Envelope durable, Duration lease) {
        if (hints.size() >= MAX_KEYS && !hints.containsKey(key)) {
            return false;
        }
        hints.merge(
                key, new Hint(durable, lease), (old, now) -> old.durable.version() > now.durable.version() ? old : now);
        return true;
    }

    boolean holds(Key key) {
        return !hints.isEmpty() && hints.containsKey(key);
    }

    @Nullable
    Hint get(Key key) {
        return hints.get(key);
    }

    /** Forgets a hint, unless there is a newer one by now. */
    void delivered(Key key, Hint hint) {
        hints.remove(key, hint);
    }

    boolean isEmpty() {
        return hints.isEmpty();
    }

    /** Those of now; a copy. */
    Set<Key> keys() {
        return new TreeSet<>(hints.keySet());
    }
}
