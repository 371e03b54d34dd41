package dev.coatcheck;

import dev.coatcheck.SessionCache.Cached;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import dev.coatcheck.TierStep.Done;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the values and answers of two tiers mean, and how long they live in each.
 *
 * @param durableVersion as {@link DurableSessionStore#version}
 * @param clock the time that ends are compared to
 */
record TierValues(Function<Envelope, Version> durableVersion, Clock clock) {
    /** Leases may be counted in whole seconds, up or down. */
    static final Duration SLACK = Duration.ofSeconds(2);

    /** The durable store's version of a value with this envelope. */
    Version version(Envelope envelope) {
        return durableVersion.apply(envelope);
    }

    Stored stored(Stored shown, Envelope envelope, Version cached) {
        return new Stored(
                shown.value(), new TierVersion(version(envelope), cached), shown.idleFor(), shown.renewalDue());
    }

    Duration cacheLease(Envelope envelope, Duration lease) {
        if (!envelope.kind().isTerminal()) {
            return lease;
        }
        Duration rest = Duration.between(clock.instant(), Instant.ofEpochSecond(envelope.end()));
        Duration shorter = rest.compareTo(lease) < 0 ? rest : lease;
        return shorter.compareTo(SLACK) < 0 ? SLACK : shorter;
    }

    Duration rest(Instant until) {
        Duration rest = Duration.between(clock.instant(), until).plus(SLACK);
        return rest.compareTo(SLACK) > 0 ? rest : SLACK;
    }

    static TierStep<Optional<Stored>> found(Stored stored) {
        return new Done<>(Optional.of(stored));
    }

    /** What is no value of ours, for the manager to judge. */
    static Stored foreign(Stored row) {
        return new Stored(row.value(), new TierVersion(row.version(), null), row.idleFor());
    }

    /** The row lives longer than the session, whose last use it may not know. */
    static boolean isOver(Stored row, Envelope envelope, Duration lease) {
        return !envelope.kind().isTerminal() && row.idleFor().compareTo(lease.plus(lease.dividedBy(4))) >= 0;
    }

    /** A row's last use is known to a quarter of its lease, which favours the user. */
    static Stored row(Stored row, Envelope envelope, Duration lease, @Nullable Version cached) {
        Duration idle = row.idleFor().minus(lease.dividedBy(4));
        boolean terminal = envelope.kind().isTerminal();
        return new Stored(
                row.value(),
                new TierVersion(row.version(), cached),
                terminal ? row.idleFor() : idle.isNegative() ? Duration.ZERO : idle);
    }

    /** A row lives for a quarter longer, since it hears of a use only then. */
    static Duration durableLease(Envelope envelope, Duration lease) {
        return envelope.kind().isTerminal()
                ? lease
                : lease.plus(lease.dividedBy(4)).plus(SLACK);
    }

    static boolean isSame(Envelope one, Envelope other) {
        return one.version() == other.version() && one.newestWrite() == other.newestWrite();
    }

    static @Nullable Envelope envelope(byte[] value) {
        try {
            return Envelope.of(value);
        } catch (IllegalArgumentException notOurs) {
            return null;
        }
    }

    static <T> T known(Step.Answer<T> answer) {
        if (answer.unavailable() != null) {
            throw answer.unavailable();
        }
        return Objects.requireNonNull(answer.value(), "an answer");
    }

    /** What the cache has shown; null for nothing, and where it could not say. */
    static @Nullable Cached cached(Step.Answer<Optional<Cached>> answer) {
        Optional<Cached> shown = answer.value();
        return shown == null ? null : shown.orElse(null);
    }

    static @Nullable Version version(Step.Answer<Written> answer) {
        Written written = answer.value();
        return written != null && written.outcome() == Outcome.STORED ? written.version() : null;
    }

    static Version stored(Written written) {
        return Objects.requireNonNull(written.version(), "STORED has a version");
    }
}
