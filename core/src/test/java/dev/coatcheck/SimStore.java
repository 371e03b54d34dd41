package dev.coatcheck;

import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** The verbs of a {@link SessionStore}, whose answers come later. */
interface SimStore {
    void load(Key key, Duration lease, boolean fresh, Consumer<Step.Answer<Optional<Stored>>> then);

    void create(Key key, byte[] value, Duration lease, Consumer<Step.Answer<Written>> then);

    void replace(Key key, byte[] value, Version seen, Duration lease, Consumer<Step.Answer<Written>> then);

    void end(Key key, Instant until, Consumer<Boolean> then);

    void end(Key key, Version seen, Instant until, Consumer<Outcome> then);

    /** Whether something in front of what decides may still show an older state of a key. */
    default boolean doubts(Key key) {
        return false;
    }

    /** No answer for certain. */
    static <T> Step.Answer<T> away() {
        return new Step.Answer<>(null, new SessionUnavailableException("away", null));
    }

    /** An answer. */
    static <T> Step.Answer<T> answer(T value) {
        return new Step.Answer<>(value, null);
    }
}
