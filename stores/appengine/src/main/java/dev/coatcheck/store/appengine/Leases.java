package dev.coatcheck.store.appengine;

import com.google.appengine.api.memcache.Expiration;
import dev.coatcheck.Envelope;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.jspecify.annotations.Nullable;

/**
 * How long things live where a read renews nothing: a lease is renewed after a quarter of it, so a value lives a quarter longer, and how long it
 * was not used is known to a quarter. What ends a key is never renewed.
 */
final class Leases {
    /** Far beyond every lease, and no date that cannot be added. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private Leases() {}

    /** When a value with this lease from now on may be forgotten. */
    static Instant end(Envelope envelope, Duration lease, Instant now) {
        if (lease.isZero() || lease.isNegative()) {
            throw new IllegalArgumentException("A lease of " + lease + ": more than zero is accepted");
        }
        Duration shorter = lease.compareTo(LONGEST) > 0 ? LONGEST : lease;
        return now.plus(envelope.kind().isTerminal() ? shorter : shorter.plus(quarter(shorter)));
    }

    private static Duration quarter(Duration lease) {
        return lease.dividedBy(4);
    }

    /** Whether it is time to renew what was last used then. */
    static boolean isDue(@Nullable Envelope envelope, Instant usedAt, Duration lease, Instant now) {
        return envelope != null
                && !envelope.kind().isTerminal()
                && since(usedAt, now).compareTo(quarter(lease)) >= 0;
    }

    /** How long it was not used, at least. */
    static Duration idle(@Nullable Envelope envelope, Instant usedAt, Duration lease, Instant now) {
        Duration since = since(usedAt, now);
        if (envelope != null && envelope.kind().isTerminal()) {
            return since;
        }
        Duration idle = since.minus(quarter(lease));
        return idle.isNegative() ? Duration.ZERO : idle;
    }

    /** Another server's clock may be ahead. */
    static Duration since(Instant usedAt, Instant now) {
        return usedAt.isBefore(now) ? Duration.between(usedAt, now) : Duration.ZERO;
    }

    /**
     * A moment as memcache counts it, in whole seconds, rounded up. Always a date from our own clock: what is given as a time from now on is counted
     * by the client's clock, and the epoch would mean for ever.
     */
    static Expiration at(Instant moment) {
        long seconds = moment.getNano() == 0 ? moment.getEpochSecond() : moment.getEpochSecond() + 1;
        return Expiration.onDate(Date.from(Instant.ofEpochSecond(Math.max(1, Math.min(seconds, Integer.MAX_VALUE)))));
    }
}
