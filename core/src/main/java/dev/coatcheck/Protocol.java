package dev.coatcheck;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;

/**
 * What look-up, commit and rotation share: keys, seals, the clock and the settings of lifetimes. Holds no state of any
 * session. Safe for use by many threads.
 */
record Protocol(
        Lifetimes lifetimes,
        Clock clock,
        SecureRandom random,
        Tokens tokens,
        Derivation derivation,
        StoredValues values,
        Counters counters,
        Events events) {

    /** The time, in the milliseconds that a record keeps. */
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    Address address(SessionToken token) {
        return Address.of(token, derivation);
    }

    /** A token whose lease class holds the session's idle timeout. */
    SessionToken draw(SessionRecord session) {
        return tokens.draw(lifetimes.leaseClass(session));
    }

    byte[] newCsrfSeed() {
        byte[] seed = new byte[CsrfToken.SEED_BYTES];
        random.nextBytes(seed);
        return seed;
    }

    /** A random handle for a device, which says nothing of the session's id. */
    String newDeviceId() {
        byte[] handle = new byte[15];
        random.nextBytes(handle);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(handle);
    }

    /** A pause before the next try that grows with the tries, from 1 to 64 ms, with jitter. */
    Duration pause(int tries) {
        int longest = 1 << Math.min(tries, 6);
        return Duration.ofMillis(1 + random.nextInt(longest));
    }

    /** How long sessions live by the settings of now; a record's own deadlines may be sooner. */
    record Lifetimes(Duration idle, Duration absolute, Duration rememberedIdle, Duration rememberedAbsolute) {
        private static final Duration STORE_TICK = Duration.ofSeconds(1);

        Duration absolute(SessionRecord session) {
            return session.remembered() ? rememberedAbsolute : absolute;
        }

        /** The absolute end: the record's, or sooner where the settings have become shorter since. */
        Instant deadline(SessionRecord session) {
            Instant bySettings = session.createdAt().plus(absolute(session));
            return session.deadline().isBefore(bySettings) ? session.deadline() : bySettings;
        }

        /** The idle timeout in force: the session's own, or that of the settings. */
        Duration idle(SessionRecord session) {
            Duration bySettings = session.remembered() ? rememberedIdle : idle;
            Duration inForce = session.ownIdleTimeout() ? session.idleTimeout() : bySettings;
            return inForce.compareTo(absolute(session)) < 0 ? inForce : absolute(session);
        }

        LeaseClass leaseClass(SessionRecord session) {
            return LeaseClass.holding(idle(session));
        }

        /** Whether a session is past a deadline; never too soon by a store that counts in whole seconds, up or down. */
        boolean isOver(SessionRecord session, Duration idleFor, Instant now) {
            boolean wholeSeconds = idleFor.equals(Duration.ofSeconds(idleFor.toSeconds()));
            Duration slack = wholeSeconds ? STORE_TICK : Duration.ZERO;
            return !now.isBefore(deadline(session))
                    || idleFor.compareTo(idle(session).plus(slack)) >= 0;
        }
    }
}
