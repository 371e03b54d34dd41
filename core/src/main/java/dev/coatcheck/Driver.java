package dev.coatcheck;

import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Written;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Carries out steps on a store, blocking. Safe for use by many threads; holds no lock. */
final class Driver {
    private final SessionStore store;
    private final Counters counters;

    Driver(SessionStore store, Counters counters) {
        this.store = store;
        this.counters = counters;
    }

    /**
     * Goes from step to step until one is the last.
     *
     * @throws SessionException what a step fails with
     */
    <R> R run(Step<R> first) {
        Step<R> step = first;
        while (true) {
            if (step instanceof Step.Done<R> done) {
                return done.result();
            }
            step = next(step);
        }
    }

    private <R> Step<R> next(Step<R> step) {
        if (step instanceof Step.Load<R> load) {
            counters.loads.increment();
            return load.then()
                    .apply(ask(() -> load.fresh()
                            ? store.loadFresh(load.key(), load.lease())
                            : store.load(load.key(), load.lease())));
        } else if (step instanceof Step.Peek<R> peek) {
            counters.loads.increment();
            return peek.then().apply(ask(() -> store.peek(peek.key(), peek.lease())));
        } else if (step instanceof Step.Create<R> create) {
            counters.writes.increment();
            return create.then().apply(write(() -> store.create(create.key(), create.value(), create.lease())));
        } else if (step instanceof Step.Replace<R> replace) {
            counters.writes.increment();
            return replace.then()
                    .apply(write(() -> store.replace(replace.key(), replace.value(), replace.seen(), replace.lease())));
        } else if (step instanceof Step.End<R> end) {
            return end.then().apply(ended(end));
        } else if (step instanceof Step.EndVersion<R> end) {
            return end.then().apply(ended(end));
        } else if (step instanceof Step.Pause<R> pause) {
            return pause(pause);
        }
        throw new IllegalStateException("No step: " + step);
    }

    /** Renews a lease. False when the store could not say: then the next request finds it due again. */
    boolean renew(SessionStore.Key key, SessionStore.Version seen, Duration lease) {
        counters.writes.increment();
        return ask(() -> store.renew(key, seen, lease)).unavailable() == null;
    }

    private <T> Step.Answer<T> ask(Supplier<T> call) {
        try {
            return new Step.Answer<>(Objects.requireNonNull(call.get(), "the store's answer"), null);
        } catch (SessionUnavailableException e) {
            counters.unavailable.increment();
            return new Step.Answer<>(null, e);
        } catch (RuntimeException e) {
            counters.unavailable.increment();
            return new Step.Answer<>(null, new SessionUnavailableException("The session store failed", e));
        }
    }

    /** A store that breaks its contract in a write may have written: that is the unknown outcome, not a refusal. */
    private Step.Answer<Written> write(Supplier<Written> call) {
        try {
            return new Step.Answer<>(Objects.requireNonNull(call.get(), "the store's answer"), null);
        } catch (SessionUnavailableException e) {
            counters.unavailable.increment();
            return new Step.Answer<>(null, e);
        } catch (RuntimeException e) {
            counters.unavailable.increment();
            return new Step.Answer<>(Written.not(Outcome.UNKNOWN), null);
        }
    }

    private boolean ended(Step.End<?> end) {
        try {
            return store.end(end.key(), end.until());
        } catch (RuntimeException e) {
            counters.unavailable.increment();
            return false;
        }
    }

    private Outcome ended(Step.EndVersion<?> end) {
        try {
            return Objects.requireNonNull(store.end(end.key(), end.seen(), end.until()), "the store's answer");
        } catch (RuntimeException e) {
            counters.unavailable.increment();
            return Outcome.UNKNOWN;
        }
    }

    /** An interrupt ends the pause and not the work: broken off here, changes were lost and a new id left half given. */
    private static <R> Step<R> pause(Step.Pause<R> pause) {
        LockSupport.parkNanos(pause.duration().toNanos());
        return pause.then().get();
    }
}
