package dev.coatcheck;

import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Carries out the steps of two tiers, blocking. Safe for use by many threads; holds no lock. */
final class TierDriver {
    private final SessionCache cache;
    private final DurableSessionStore durable;
    private final Consumer<Supplier<TierStep<Boolean>>> behind;

    /** @param behind takes the work that nobody waits for */
    TierDriver(SessionCache cache, DurableSessionStore durable, Consumer<Supplier<TierStep<Boolean>>> behind) {
        this.cache = cache;
        this.durable = durable;
        this.behind = behind;
    }

    /**
     * Goes from step to step until one is the last.
     *
     * @throws SessionUnavailableException what a step fails with
     */
    <R> R run(TierStep<R> first) {
        TierStep<R> step = first;
        while (true) {
            if (step instanceof TierStep.Done<R> done) {
                return done.result();
            }
            step = next(step);
        }
    }

    private <R> TierStep<R> next(TierStep<R> step) {
        if (step instanceof TierStep.InCache<?, R> call) {
            return asked(call);
        } else if (step instanceof TierStep.InStore<?, R> call) {
            return asked(call);
        } else if (step instanceof TierStep.Pause<R> pause) {
            LockSupport.parkNanos(pause.duration().toNanos()); // an interrupt ends the pause and not the work
            return pause.then().get();
        } else if (step instanceof TierStep.Behind<R> more) {
            behind.accept(more.work());
            return more.then().get();
        }
        throw new IllegalStateException("No step: " + step);
    }

    private <T, R> TierStep<R> asked(TierStep.InCache<T, R> call) {
        return call.then().apply(ask(() -> call.call().apply(cache), "The cache of sessions failed"));
    }

    private <T, R> TierStep<R> asked(TierStep.InStore<T, R> call) {
        return call.then().apply(ask(() -> call.call().apply(durable), "The durable session store failed"));
    }

    private static <T> Step.Answer<T> ask(Supplier<T> call, String failed) {
        try {
            return new Step.Answer<>(Objects.requireNonNull(call.get(), "an answer"), null);
        } catch (SessionUnavailableException e) {
            return new Step.Answer<>(null, e);
        } catch (RuntimeException e) {
            return new Step.Answer<>(null, new SessionUnavailableException(failed, e));
        }
    }
}
