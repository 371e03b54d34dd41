package dev.coatcheck;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Remembers for a moment that there is nothing under a key, so that a client that comes back with a dead ticket costs the
 * store one command and not one each time. Only what the store said for certain is remembered. Safe for use by many threads.
 */
final class KnownAbsences {
    private static final Duration LIFE = Duration.ofSeconds(5);
    private static final long MAX_ENTRIES = 10_000;

    private final SessionStore store;
    private final Clock clock;
    private final Cache<SessionStore.Key, Instant> until =
            Caffeine.newBuilder().maximumSize(MAX_ENTRIES).build();

    KnownAbsences(SessionStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /** Whether what the store does not show now is not there. */
    boolean areCertain() {
        return store.settled();
    }

    void remember(SessionStore.Key key) {
        if (store.settled()) {
            until.put(key, clock.instant().plus(LIFE));
        }
    }

    boolean remembers(SessionStore.Key key) {
        Instant end = until.getIfPresent(key);
        if (end == null) {
            return false;
        }
        if (store.settled() && clock.instant().isBefore(end)) {
            return true;
        }
        until.invalidate(key);
        return false;
    }
}
