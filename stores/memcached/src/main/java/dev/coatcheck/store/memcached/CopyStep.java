package dev.coatcheck.store.memcached;

import dev.coatcheck.SessionUnavailableException;
import java.util.List;
import java.util.function.Function;

/**
 * The next thing to ask a key's nodes for, and what follows from their answers. What two copies need is written as functions
 * from answers to the next step, without I/O; a {@link CopyDriver} carries them out. A function that throws ends them all
 * with its exception.
 *
 * @param <R> what comes out in the end
 */
sealed interface CopyStep<R> {

    /** The end. */
    record Done<R>(R result) implements CopyStep<R> {}

    /** Asks some nodes at once: one round trip. The answers come in the order of the calls. */
    record Ask<R>(List<Call> calls, Function<List<NodeAnswer>, CopyStep<R>> then) implements CopyStep<R> {}

    /**
     * One command to one of the key's nodes.
     *
     * @param place whose: {@link Voters#FIRST} and so on
     */
    record Call(int place, NodeRequest request) {}

    /** Asks one node. */
    static <R> CopyStep<R> ask(int place, NodeRequest request, Function<NodeAnswer, CopyStep<R>> then) {
        return new Ask<>(List.of(new Call(place, request)), answers -> then.apply(answers.get(0)));
    }

    /** For steps that cannot go on. */
    static SessionUnavailableException unavailable(String reason) {
        return new SessionUnavailableException("The session store is away: " + reason, null);
    }

    /** Goes on with what this ends in. */
    default <B> CopyStep<B> then(Function<R, CopyStep<B>> next) {
        if (this instanceof Done<R> done) {
            return next.apply(done.result());
        } else if (this instanceof Ask<R> ask) {
            return new Ask<>(ask.calls(), answers -> ask.then().apply(answers).then(next));
        }
        throw new IllegalStateException("No step: " + this);
    }
}
