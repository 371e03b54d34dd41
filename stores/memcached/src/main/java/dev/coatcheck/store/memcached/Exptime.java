package dev.coatcheck.store.memcached;

import java.time.Duration;
import java.time.Instant;

/**
 * A lease as memcached counts it. Up to 30 days the number is a duration in seconds; above it is a date, and a duration that
 * was sent as one would be a day in 1970, at which the item is gone at once while the answer says success. 0 is for ever.
 *
 * @param number what is sent
 * @param seconds how long the item lives from now on by this number, in seconds
 */
record Exptime(int number, long seconds) {
    /** The longest duration that is one. */
    static final int LONGEST_DURATION = 30 * 24 * 60 * 60;

    /**
     * The number for a lease, rounded up to whole seconds. A date beyond 2038 does not fit into memcached's 31 bits; the
     * lease is then 30 days.
     *
     * @throws IllegalArgumentException when the lease is zero or negative
     */
    static Exptime of(Duration lease, Instant now) {
        if (lease.isZero() || lease.isNegative()) {
            throw new IllegalArgumentException("A lease of " + lease + ": more than zero is accepted");
        }
        boolean whole = lease.getNano() == 0 || lease.getSeconds() == Long.MAX_VALUE;
        long seconds = whole ? lease.getSeconds() : lease.getSeconds() + 1;
        if (seconds <= LONGEST_DURATION) {
            return new Exptime((int) seconds, seconds);
        }
        long nowSeconds = now.getEpochSecond();
        boolean fits = nowSeconds > LONGEST_DURATION && seconds <= Integer.MAX_VALUE - nowSeconds;
        return fits
                ? new Exptime((int) (nowSeconds + seconds), seconds)
                : new Exptime(LONGEST_DURATION, LONGEST_DURATION);
    }

    /**
     * How long an item had not been used, from what was left of its lease before this use. Items that are past their end, as
     * a server shows them that was frozen for a while, have been idle for the whole lease; those without an end for no time.
     */
    Duration idle(long secondsLeft) {
        if (secondsLeft < 0) {
            return Duration.ZERO;
        }
        // A date is ours and what is left of it is by the server's clock, which may be behind.
        long most = number > LONGEST_DURATION ? Integer.MAX_VALUE : seconds;
        return Duration.ofSeconds(secondsLeft > most ? seconds : Math.max(0, seconds - secondsLeft));
    }
}
