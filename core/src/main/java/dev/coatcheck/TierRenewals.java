package dev.coatcheck;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.coatcheck.SessionStore.Key;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * When this process last renewed or wrote a key in the durable store: so that a busy session costs it one statement in a
 * quarter of its lease, and a value from a cache that was away meanwhile is checked before it is believed. Bounded. Safe for
 * use by many threads.
 */
final class TierRenewals {
    private static final int MAX_KEYS = 100_000;
    /** A store that could not be asked is asked again for a key after this. */
    private static final Duration AGAIN = Duration.ofSeconds(10);

    private final LongSupplier nanos;
    private final Cache<Key, Renewal> renewed =
            Caffeine.newBuilder().maximumSize(MAX_KEYS).executor(Runnable::run).build();

    /**
     * The last one.
     *
     * @param proved whether it also showed that the cache holds nothing older
     */
    private record Renewal(long at, boolean proved) {}

    TierRenewals(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** What a value from the cache needs. */
    enum Need {
        /** Nothing. */
        NONE,
        /** A renewal, behind the answer. */
        RENEWAL,
        /** A renewal ahead of the answer, since the cache may hand out what it had before it was away. */
        PROOF
    }

    /**
     * What is to be done before, or after, a value from the cache is handed out.
     *
     * @param steadyFor how long the cache has answered for this key without a break
     */
    Need need(Key key, Duration lease, Duration steadyFor) {
        Renewal last = renewed.getIfPresent(key);
        if (last == null) {
            return steadyFor.compareTo(lease) < 0 ? Need.PROOF : Need.RENEWAL;
        }
        if (!last.proved || nanos.getAsLong() - last.at > steadyFor.toNanos()) {
            return Need.PROOF;
        }
        return isDue(key, lease) ? Need.RENEWAL : Need.NONE;
    }

    /** Whether a row that was read is to be renewed. */
    boolean isDue(Key key, Duration lease) {
        Renewal last = renewed.getIfPresent(key);
        return last == null || nanos.getAsLong() - last.at >= lease.toNanos() / 4;
    }

    void done(Key key) {
        renewed.put(key, new Renewal(nanos.getAsLong(), true));
    }

    /** The row was renewed, and nobody knows what the cache holds: its next value is to be proved. */
    void doubt(Key key) {
        renewed.asMap().computeIfPresent(key, (k, last) -> new Renewal(last.at, false));
    }

    /** Nobody else of this process needs to try for a while. */
    void failed(Key key, Duration lease) {
        renewed.asMap()
                .compute(
                        key,
                        (k, last) -> new Renewal(
                                nanos.getAsLong() - lease.toNanos() / 4 + AGAIN.toNanos(),
                                last == null || last.proved));
    }

    void forget(Key key) {
        renewed.invalidate(key);
    }
}
