package dev.coatcheck;

import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The next thing to ask one of two tiers for, and what follows from its answer: as {@link Step} is for the manager, one level
 * below. Each call is one round trip to the cache or one statement of the durable store.
 *
 * @param <R> what comes out in the end
 */
sealed interface TierStep<R> {

    /** The end. */
    record Done<R>(R result) implements TierStep<R> {}

    /** Asks the cache. */
    record InCache<T, R>(Function<SessionCache, T> call, Function<Step.Answer<T>, TierStep<R>> then)
            implements TierStep<R> {}

    /** Asks the durable store. */
    record InStore<T, R>(Function<DurableSessionStore, T> call, Function<Step.Answer<T>, TierStep<R>> then)
            implements TierStep<R> {}

    /** Waits for another caller's answer. */
    record Pause<R>(Duration duration, Supplier<TierStep<R>> then) implements TierStep<R> {}

    /** Leaves work to be done behind the answer, which may also be never, and goes on. */
    record Behind<R>(Supplier<TierStep<Boolean>> work, Supplier<TierStep<R>> then) implements TierStep<R> {}

    /** Goes on with what this ends in. */
    @SuppressWarnings("unchecked")
    default <B> TierStep<B> then(Function<R, TierStep<B>> next) {
        if (this instanceof Done<R> done) {
            return next.apply(done.result());
        } else if (this instanceof InCache<?, R> call) {
            return after((InCache<Object, R>) call, next);
        } else if (this instanceof InStore<?, R> call) {
            return after((InStore<Object, R>) call, next);
        } else if (this instanceof Pause<R> pause) {
            return new Pause<>(pause.duration(), () -> pause.then().get().then(next));
        } else if (this instanceof Behind<R> behind) {
            return new Behind<>(behind.work(), () -> behind.then().get().then(next));
        }
        throw new IllegalStateException("No step: " + this);
    }

    private static <T, A, B> TierStep<B> after(InCache<T, A> call, Function<A, TierStep<B>> next) {
        return new InCache<>(call.call(), answer -> call.then().apply(answer).then(next));
    }

    private static <T, A, B> TierStep<B> after(InStore<T, A> call, Function<A, TierStep<B>> next) {
        return new InStore<>(call.call(), answer -> call.then().apply(answer).then(next));
    }
}
