package dev.coatcheck;

import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The next thing to ask a store for, and what follows from its answer. What a session needs of a store (look-up, commit,
 * rotation, end) is written as functions from an answer to the next step, without I/O; a {@link Driver} carries them out.
 * A function that throws ends them all with its exception.
 *
 * @param <R> what comes out in the end
 */
sealed interface Step<R> {

    /** A store's answer, or its refusal to give one. */
    record Answer<T>(@Nullable T value, @Nullable SessionUnavailableException unavailable) {}

    /** The end. */
    record Done<R>(R result) implements Step<R> {}

    /** Reads and renews; {@code fresh} goes past the store's own caches. */
    record Load<R>(Key key, Duration lease, boolean fresh, Function<Answer<Optional<Stored>>, Step<R>> then)
            implements Step<R> {}

    /** Reads without renewing. */
    record Peek<R>(Key key, Duration lease, Function<Answer<Optional<Stored>>, Step<R>> then) implements Step<R> {}

    /** Stores under a new key. */
    record Create<R>(Key key, byte[] value, Duration lease, Function<Answer<Written>, Step<R>> then)
            implements Step<R> {}

    /** Stores in place of one version. */
    record Replace<R>(Key key, byte[] value, Version seen, Duration lease, Function<Answer<Written>, Step<R>> then)
            implements Step<R> {}

    /** Ends a key; the answer says whether it is confirmed. */
    record End<R>(Key key, Instant until, Function<Boolean, Step<R>> then) implements Step<R> {}

    /** Ends a key while one version is there. */
    record EndVersion<R>(Key key, Version seen, Instant until, Function<Outcome, Step<R>> then) implements Step<R> {}

    /** Waits, so that of many writers each gets its turn. */
    record Pause<R>(Duration duration, Supplier<Step<R>> then) implements Step<R> {}
}
