package dev.coatcheck.store.memcached;

import dev.coatcheck.Envelope;
import java.time.Clock;
import java.time.Duration;

/**
 * How long values live.
 *
 * @param clock the time that their ends are compared to
 */
record CopyLives(Clock clock) {

    /** A session lives for its lease. What ends a key stays until its own end: a node that returns must find it. */
    Duration of(Envelope envelope, Duration lease) {
        return envelope.kind().isTerminal() ? atLeast(rest(envelope)) : lease;
    }

    Duration of(Copy copy, Duration lease) {
        Envelope envelope = copy.envelope();
        return envelope == null ? lease : of(envelope, lease);
    }

    private static Duration atLeast(Duration rest) {
        return rest.isZero() ? Duration.ofSeconds(1) : rest;
    }

    /** What is left until the end of what ends a key; zero when it is over. */
    Duration rest(Copy copy) {
        Envelope envelope = copy.envelope();
        return envelope == null ? Duration.ZERO : rest(envelope);
    }

    Duration rest(Envelope envelope) {
        long rest = envelope.end() - clock.instant().getEpochSecond();
        return rest < 1 ? Duration.ZERO : Duration.ofSeconds(rest);
    }

    /** How long a value had not been used, from what was left of its lease. */
    Duration idle(Duration lease, long secondsLeft) {
        return Exptime.of(lease, clock.instant()).idle(secondsLeft);
    }
}
