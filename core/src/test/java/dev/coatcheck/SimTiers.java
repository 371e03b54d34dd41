package dev.coatcheck;

import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Two tiers as an application's process uses them: the product's own functions, on a cache and a database. */
final class SimTiers implements SimStore {
    private static final SimHost TIMERS = new SimHost("timers");

    private final SimCache cache;
    private final SimDatabase database;
    private final SimNetwork network;
    private final SimLife life;
    private final TierHints hints = new TierHints();
    private final Tiers tiers;
    private final SimFault fault;

    SimTiers(
            SimCache cache,
            SimDatabase database,
            SimNetwork network,
            SimLife life,
            MovableClock clock,
            SplittableRandom pauses,
            SimFault fault) {
        this.fault = fault;
        this.cache = cache;
        this.database = database;
        this.network = network;
        this.life = life;
        TierRenewals renewals = new TierRenewals(
                () -> Duration.between(Instant.EPOCH, clock.instant()).toNanos());
        tiers = new Tiers(
                cache::steadyFor,
                new TierValues(database::version, clock),
                renewals,
                hints,
                pauses::nextLong,
                null,
                key -> {});
    }

    private <R> void run(Supplier<TierStep<R>> next, Consumer<R> done, Consumer<SessionUnavailableException> failed) {
        TierStep<R> step;
        try {
            step = next.get();
        } catch (SessionUnavailableException e) {
            failed.accept(e);
            return;
        }
        if (step instanceof TierStep.Done<R> end) {
            done.accept(end.result());
        } else if (step instanceof TierStep.InCache<?, R> call) {
            inCache(call, done, failed);
        } else if (step instanceof TierStep.InStore<?, R> call) {
            inStore(call, done, failed);
        } else if (step instanceof TierStep.Pause<R> pause) {
            network.send(TIMERS, "pause", life, () -> true, over -> run(pause.then(), done, failed));
        } else if (step instanceof TierStep.Behind<R> behind) {
            network.send(
                    TIMERS,
                    "behind the answer",
                    life,
                    () -> true,
                    over -> run(behind.work(), worked -> {}, failure -> {}));
            run(behind.then(), done, failed);
        }
    }

    private <T, R> void inCache(
            TierStep.InCache<T, R> call, Consumer<R> done, Consumer<SessionUnavailableException> failed) {
        cache.<T>ask(call.call(), answer -> run(() -> call.then().apply(answer), done, failed));
    }

    private <T, R> void inStore(
            TierStep.InStore<T, R> call, Consumer<R> done, Consumer<SessionUnavailableException> failed) {
        database.<T>ask(call.call(), answer -> run(() -> call.then().apply(answer), done, failed));
    }

    private <T> void answer(Supplier<TierStep<T>> step, Consumer<Step.Answer<T>> then) {
        run(step, done -> then.accept(SimStore.answer(done)), failure -> then.accept(new Step.Answer<>(null, failure)));
    }

    @Override
    public void load(Key key, Duration lease, boolean fresh, Consumer<Step.Answer<Optional<Stored>>> then) {
        answer(
                () -> fresh && fault != SimFault.CACHE_AFTER_CONFLICT
                        ? tiers.loadFresh(key, lease)
                        : tiers.load(key, lease),
                then);
    }

    @Override
    public void create(Key key, byte[] value, Duration lease, Consumer<Step.Answer<Written>> then) {
        answer(() -> tiers.create(key, value, lease), then);
    }

    @Override
    public void replace(Key key, byte[] value, Version seen, Duration lease, Consumer<Step.Answer<Written>> then) {
        this.<Written>answer(() -> tiers.replace(key, value, seen, lease), answer -> {
            Written written = answer.value();
            boolean forgotten = written != null
                    && !written.degraded()
                    && written.version() instanceof TierVersion version
                    && version.cached() == null;
            then.accept(
                    forgotten && fault == SimFault.GONE_OF_CACHE ? SimStore.answer(Written.not(Outcome.GONE)) : answer);
        });
    }

    @Override
    public void end(Key key, Instant until, Consumer<Boolean> then) {
        if (fault == SimFault.DELETE_IN_CACHE_FIRST) {
            cache.<Boolean>ask(
                    store -> store.end(key, until),
                    cached -> database.<Boolean>ask(
                            store -> store.end(key, until),
                            row -> then.accept(
                                    Boolean.TRUE.equals(cached.value()) && Boolean.TRUE.equals(row.value()))));
            return;
        }
        run(() -> tiers.end(key, until), then, failure -> then.accept(false));
    }

    @Override
    public void end(Key key, Version seen, Instant until, Consumer<Outcome> then) {
        if (fault == SimFault.DELETE_IN_CACHE_FIRST) {
            end(key, until, confirmed -> then.accept(confirmed ? Outcome.GONE : Outcome.UNKNOWN));
            return;
        }
        run(() -> tiers.end(key, seen, until), then, failure -> then.accept(Outcome.UNKNOWN));
    }

    @Override
    public boolean doubts(Key key) {
        return hints.holds(key);
    }

    /** What is done now and then behind the requests. */
    void repair() {
        hints.keys().forEach(key -> run(() -> tiers.repair(key), done -> {}, failure -> {}));
    }

    void sweep(DurableSessionStore.Expired expired) {
        run(() -> tiers.sweep(expired), done -> {}, failure -> {});
    }
}
