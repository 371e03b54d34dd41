package dev.coatcheck;

import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Ends a key that may not be there yet: a sign-in writes the index first and the session after it. What is there is ended,
 * and where nothing is, a tombstone takes the key, so that the late create finds it taken.
 */
final class Burial {
    private static final int TRIES = 4;

    private final Protocol protocol;

    Burial(Protocol protocol) {
        this.protocol = protocol;
    }

    /**
     * What became of a key.
     *
     * @param live whether a session was there
     * @param confirmed whether it is certain that none is and none will be
     */
    record Buried(boolean live, boolean confirmed) {}

    /** Two round trips, for what is there and for what is not. */
    <R> Step<R> of(Place place, Instant end, Function<Buried, Step<R>> then) {
        Instant soonest = protocol.now().plus(place.leaseClass().lease());
        return look(place, end.isAfter(soonest) ? end : soonest, 1, false, then);
    }

    /**
     * @param taken whether the key was taken a moment ago: where nothing is to be seen then, it was a tombstone, or something
     *     that ended since, and a key is never created twice
     */
    private <R> Step<R> look(Place place, Instant until, int tries, boolean taken, Function<Buried, Step<R>> then) {
        return new Step.Peek<>(place.key(), place.leaseClass().lease(), answer -> {
            if (answer.unavailable() != null) {
                return then.apply(new Buried(false, false));
            }
            Optional<Stored> found = Objects.requireNonNull(answer.value(), "an answer");
            if (found.isEmpty()) {
                return taken ? then.apply(new Buried(false, true)) : close(place, until, tries, then);
            }
            return there(place, until, found.get().value(), then);
        });
    }

    /** What cannot be read counts as a session. */
    private static <R> Step<R> there(Place place, Instant until, byte[] value, Function<Buried, Step<R>> then) {
        try {
            Envelope envelope = Envelope.of(value);
            return StoredValues.isTomb(value.length, envelope)
                    ? then.apply(new Buried(false, true))
                    : end(place, until, envelope.kind().isSession(), then);
        } catch (IllegalArgumentException e) {
            return end(place, until, true, then);
        }
    }

    private static <R> Step<R> end(Place place, Instant until, boolean live, Function<Buried, Step<R>> then) {
        return new Step.End<>(place.key(), until, confirmed -> then.apply(new Buried(live, confirmed)));
    }

    private <R> Step<R> close(Place place, Instant until, int tries, Function<Buried, Step<R>> then) {
        byte[] tomb = StoredValues.tomb(place, until, WriteId.newCommit(protocol.random()));
        Duration lease = Duration.between(protocol.now(), until);
        return new Step.Create<>(place.key(), tomb, lease, answer -> {
            if (answer.unavailable() != null) {
                return then.apply(new Buried(false, false));
            }
            Outcome outcome =
                    Objects.requireNonNull(answer.value(), "an answer").outcome();
            if (outcome == Outcome.STORED) {
                return then.apply(new Buried(false, true));
            }
            return tries < TRIES
                    ? look(place, until, tries + 1, outcome == Outcome.EXISTS, then)
                    : then.apply(new Buried(false, false));
        });
    }
}
