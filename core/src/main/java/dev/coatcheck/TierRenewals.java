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
    private final Cache<Key, Long> renewed =
            Caffeine.newBuilder().maximumSize(MAX_KEYS).executor(Runnable::run).build();

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

    /** @param steadyFor how long the cache has answered for this key without a break */
    Need need(Key key, Duration lease, Duration steadyFor) {
        Long last = renewed.getIfPresent(key);
        if (last == null) {
            return steadyFor.compareTo(lease) < 0 ? Need.PROOF : Need.RENEWAL;
        }
        long ago = nanos.getAsLong() - last;
        if (ago > steadyFor.toNanos()) {
            return Need.PROOF;
        }
        return ago >= lease.toNanos() / 4 ? Need.RENEWAL : Need.NONE;
    }

    void done(Key key) {
        renewed.put(key, nanos.getAsLong());
    }

    /** Nobody else of this process needs to try for a while. */
    void failed(Key key, Duration lease) {
        renewed.put(key, nanos.getAsLong() - lease.toNanos() / 4 + AGAIN.toNanos());
    }

    void forget(Key key) {
        renewed.invalidate(key);
    }
}
