package dev.coatcheck.store.appengine;

import com.google.appengine.api.memcache.Expiration;
import com.google.appengine.api.memcache.MemcacheService.IdentifiableValue;
import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionUnavailableException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Puts something in the place of what is in memcache: where it is still what was seen, or whatever it is. memcache compares by a number of its own, which
 * each renewal changes too; then the value itself says whether it is the same. Safe for use by many threads.
 */
final class CacheWrites {
    /** No request lasts longer, so no create of this key is on its way any more. */
    private static final Duration LONGEST_NO_ADD = Duration.ofDays(1);

    /** No clock is so far behind. */
    private static final Duration LONG_AGO = Duration.ofDays(1);

    /** After so many renewals under its hands a write gives up. */
    private static final int TRIES = 8;

    private final Memcache memcache;
    private final ServiceState service;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    CacheWrites(Memcache memcache, ServiceState service, Clock clock) {
        this.memcache = memcache;
        this.service = service;
        this.clock = clock;
    }

    /** A token that no other claim has. */
    long token() {
        return random.nextLong() | 1;
    }

    /**
     * Puts something in the place of the state that was seen, renewed or not.
     *
     * @throws ApiFailure when it is not known whether it is there
     * @throws SessionUnavailableException when it is not there, for certain
     */
    Outcome replace(Key key, CacheVersion seen, byte[] bytes, Expiration until, Deadline deadline) {
        IdentifiableValue state = seen.seen();
        for (int tries = 0; tries < TRIES; tries++) {
            if (state != null && memcache.replace(key, state, bytes, until, deadline)) {
                service.wrote();
                return Outcome.STORED;
            }
            CacheItem item = lookAgain(key, deadline);
            if (item == null || item.kind() == CacheItem.Kind.MARK) {
                return Outcome.GONE;
            }
            state = item.version().seen();
            if (!item.version().isSame(seen)) {
                return Outcome.CONFLICT;
            }
        }
        return Outcome.CONFLICT;
    }

    /** Before anything was stored, and so certain that nothing was. */
    private @Nullable CacheItem lookAgain(Key key, Deadline deadline) {
        try {
            return memcache.get(key, deadline);
        } catch (ApiFailure e) {
            throw service.unavailable(e);
        }
    }

    /**
     * Stores the value that was seen again, with a new lease.
     *
     * @return whether it has one, this or another's
     * @throws ApiFailure when that is not known
     */
    boolean renew(Key key, CacheVersion seen, Duration lease, Deadline deadline) {
        IdentifiableValue state = seen.seen();
        CacheItem item = state == null ? memcache.get(key, deadline) : CacheItem.of(state);
        for (int tries = 0; tries < TRIES; tries++) {
            Envelope envelope = item == null ? null : item.envelope();
            if (item == null || envelope == null || !item.version().isSame(seen)) {
                return false;
            }
            Instant now = clock.instant();
            state = item.version().seen();
            boolean others = tries > 0 && !Leases.isDue(envelope, item.usedAt(), lease, now);
            if (others || state == null) {
                return others;
            }
            Expiration until = Leases.at(Leases.end(envelope, lease, now));
            if (memcache.replace(key, state, item.renewed(now), until, deadline)) {
                return true;
            }
            item = memcache.get(key, deadline);
        }
        return false;
    }

    /** Deletes whatever is there; until then, and for a day at most, nothing new is stored there. */
    boolean end(Key key, Instant until, Deadline deadline) {
        Duration rest = Duration.between(clock.instant(), until);
        Duration noAdd =
                rest.isNegative() || rest.isZero() ? Duration.ZERO : shorter(rest.plusSeconds(1), LONGEST_NO_ADD);
        return service.twice(key, deadline, left -> memcache.delete(key, noAdd, left));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** Puts the mark of an end there, whatever is there. */
    boolean bury(Key key, Instant until, Deadline deadline) {
        Instant now = clock.instant();
        Instant end = until.isAfter(now) ? until : now;
        return service.twice(
                key,
                deadline,
                left -> memcache.put(key, CacheItem.mark(until, now), Leases.at(end.plusSeconds(1)), left));
    }

    /** Ends the state that was seen. The mark of that stays in its place until then; an end for now alone leaves nothing. */
    Outcome end(Key key, CacheVersion seen, Instant until, Deadline deadline) {
        Instant now = clock.instant();
        boolean marks = until.isAfter(now);
        // There is no conditional delete: what is put in its place is forgotten at once, and would hinder nobody.
        byte[] left = marks ? CacheItem.mark(until, now) : CacheItem.claim(token(), now);
        Expiration end = Leases.at(marks ? until.plusSeconds(1) : now.minus(LONG_AGO));
        try {
            return seen.isUnreadable() ? endUnreadable(key, until, deadline) : ended(key, seen, left, end, deadline);
        } catch (ApiFailure e) {
            service.failed(key, e);
            return e.isCertain() || deadline.isOver() ? Outcome.UNKNOWN : endedAgain(key, seen, left, end, deadline);
        } catch (SessionUnavailableException e) {
            return Outcome.UNKNOWN;
        }
    }

    /** What the service's client cannot read it cannot compare either: it goes if it is unreadable still. */
    private Outcome endUnreadable(Key key, Instant until, Deadline deadline) {
        CacheItem item = lookAgain(key, deadline);
        if (item == null || item.kind() == CacheItem.Kind.MARK) {
            return Outcome.GONE;
        } else if (!item.version().isUnreadable()) {
            return Outcome.CONFLICT;
        }
        return end(key, until, deadline) ? Outcome.GONE : Outcome.UNKNOWN;
    }

    private Outcome ended(Key key, CacheVersion seen, byte[] left, Expiration end, Deadline deadline) {
        Outcome outcome = replace(key, seen, left, end, deadline);
        return outcome == Outcome.STORED ? Outcome.GONE : outcome;
    }

    /** After a lost answer: either it is ended by now, or it is still there. */
    private Outcome endedAgain(Key key, CacheVersion seen, byte[] left, Expiration end, Deadline deadline) {
        try {
            return ended(key, seen, left, end, deadline);
        } catch (ApiFailure | SessionUnavailableException e) {
            return Outcome.UNKNOWN;
        }
    }
}
