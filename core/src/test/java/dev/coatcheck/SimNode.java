package dev.coatcheck;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One process of the application: the product's own functions, on a store whose answers the schedule brings. */
final class SimNode {
    static final Derivation DERIVATION =
            new Derivation("app", KeyRing.parse("1:8Z4BK9gUMGf2sVgzV5yhD2rWpRDwirn1ENpHZBFUPFE="));
    static final Protocol.Lifetimes LIFETIMES = new Protocol.Lifetimes(
            Duration.ofMinutes(20), Duration.ofHours(12), Duration.ofDays(1), Duration.ofDays(2));
    private static final SimHost TIMERS = new SimHost("timers");

    final String name;
    final SimLife life;
    final Protocol protocol;
    final UnconfirmedEnds ends;
    final Arrival arrival;
    final Commit commit;
    final Rotation rotation;
    final LogOut logOut;
    final SimStore store;
    private final SimNetwork network;

    SimNode(String name, SimStore store, SimNetwork network, SimLife life, MovableClock clock, SecureRandom random) {
        this.name = name;
        this.store = store;
        this.network = network;
        this.life = life;
        StoredValues values = new StoredValues(new RecordSeal(DERIVATION, random), 262_144, clock);
        protocol = new Protocol(
                LIFETIMES,
                clock,
                random,
                new Tokens(DERIVATION, random, null, clock),
                DERIVATION,
                values,
                new Counters(),
                new Events(List.of(), clock));
        SessionStore off = new SimOff();
        // Nobody does chores: the schedule says when an end is tried again.
        ends = new UnconfirmedEnds(protocol, new Driver(off, protocol.counters()), new RequestChores(() -> 0));
        Lookup lookup = new Lookup(protocol, ends::addDead);
        arrival = new Arrival(protocol, lookup, new KnownAbsences(off, clock), ends);
        commit = new Commit(protocol, lookup);
        IndexPolicy policy = new IndexPolicy(
                "off in the simulation", 0, SessionManager.WhenFull.REFUSE, Duration.ofDays(2), 100_000);
        UserIndex index = new UserIndex(protocol, policy);
        SignOut signOut = new SignOut(protocol, index, new Burial(protocol), ends);
        rotation = new Rotation(protocol, lookup, commit, new Entrance(protocol, index, signOut));
        logOut = new LogOut(protocol, lookup);
    }

    /** Goes from step to step, each as the answer to the one before arrives. */
    <R> void run(Supplier<Step<R>> next, Consumer<R> done, Consumer<SessionException> failed) {
        Step<R> step;
        try {
            step = next.get();
        } catch (SessionException e) {
            failed.accept(e);
            return;
        }
        if (step instanceof Step.Done<R> end) {
            done.accept(end.result());
        } else if (step instanceof Step.Load<R> load) {
            store.load(
                    load.key(),
                    load.lease(),
                    load.fresh(),
                    answer -> run(() -> load.then().apply(answer), done, failed));
        } else if (step instanceof Step.Create<R> create) {
            store.create(
                    create.key(),
                    create.value(),
                    create.lease(),
                    answer -> run(() -> create.then().apply(answer), done, failed));
        } else if (step instanceof Step.Replace<R> replace) {
            store.replace(
                    replace.key(),
                    replace.value(),
                    replace.seen(),
                    replace.lease(),
                    answer -> run(() -> replace.then().apply(answer), done, failed));
        } else if (step instanceof Step.End<R> end) {
            store.end(end.key(), end.until(), answer -> run(() -> end.then().apply(answer), done, failed));
        } else if (step instanceof Step.EndVersion<R> end) {
            store.end(
                    end.key(),
                    end.seen(),
                    end.until(),
                    answer -> run(() -> end.then().apply(answer), done, failed));
        } else if (step instanceof Step.Pause<R> pause) {
            network.send(TIMERS, "pause", life, () -> true, over -> run(pause.then(), done, failed));
        }
    }
}
