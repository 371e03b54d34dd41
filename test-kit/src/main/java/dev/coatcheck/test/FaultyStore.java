package dev.coatcheck.test;

import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A store that fails, stalls, forgets or loses its answers on demand, in front of one that does not.
 *
 * <pre>{@code
 * FaultyStore store = new FaultyStore(new EmbeddedSessionStore());
 * store.always(Fault.FAIL);                              // away, until heal()
 * store.next(StoreVerb.REPLACE, Fault.UNKNOWN_APPLIED);  // the next replace happens, its answer is lost
 * store.nth(StoreVerb.CREATE, 2, Fault.EXISTS);          // the second create from now finds its key taken
 * }</pre>
 *
 * <p>Safe for use by many threads. Closing it closes the store behind.
 */
public final class FaultyStore implements SessionStore {
    private final SessionStore behind;
    private final FaultPlan plan = new FaultPlan();
    private final HeldCalls held = new HeldCalls();
    private final Set<Key> keys = new ConcurrentSkipListSet<>();
    private volatile UnaryOperator<byte[]> tampering = UnaryOperator.identity();
    private volatile @Nullable Boolean leavesProcess;
    private volatile @Nullable Boolean settled;

    /** What can go wrong with a call. */
    public enum Fault {
        /** Throws {@link SessionUnavailableException} and does nothing; an end is not confirmed and has not happened. */
        FAIL,
        /** Throws the {@linkplain SessionUnavailableException#lost() lost} kind of it; for loads. */
        LOST,
        /** Waits until {@link FaultyStore#release()} and then goes on as if nothing had been. */
        STALL,
        /** Finds nothing, though it may be there: a load is empty, a replace says GONE. The store's state stays. */
        ABSENT,
        /** A create finds its key taken and stores nothing. */
        EXISTS,
        /** A replace finds another version and stores nothing. */
        CONFLICT,
        /** The answer is lost, the write has happened: UNKNOWN, or an end that is not confirmed. */
        UNKNOWN_APPLIED,
        /** The answer is lost, the write never happens. */
        UNKNOWN_DROPPED,
        /** The answer is lost, the write happens at {@link FaultyStore#release()}, on what is there by then. */
        UNKNOWN_LATE
    }

    /** In front of a store, without a fault so far. */
    public FaultyStore(SessionStore behind) {
        this.behind = behind;
    }

    // Faults.

    /** The next call of this verb goes wrong. Further ones queue up behind it. */
    public FaultyStore next(StoreVerb verb, Fault fault) {
        plan.add(verb, plan.pending(verb) + 1, fault);
        return this;
    }

    /** The next so many calls of this verb go wrong. */
    public FaultyStore next(StoreVerb verb, int times, Fault fault) {
        for (int i = 0; i < times; i++) {
            next(verb, fault);
        }
        return this;
    }

    /** The nth call of this verb from now, counted from 1, goes wrong. */
    public FaultyStore nth(StoreVerb verb, int n, Fault fault) {
        plan.add(verb, n, fault);
        return this;
    }

    /** From now on every call of these verbs goes wrong; of all verbs, when none is named. */
    public FaultyStore always(Fault fault, StoreVerb... verbs) {
        plan.always(fault, verbs.length == 0 ? StoreVerb.values() : verbs);
        return this;
    }

    /** Nothing goes wrong any more. Calls that wait and writes that are late stay so until {@link #release()}. */
    public FaultyStore heal() {
        plan.clear();
        tampering = UnaryOperator.identity();
        return this;
    }

    /** Lets the stalled calls go on, and does the late writes, in their order. */
    public void release() {
        held.release();
    }

    /**
     * Waits until so many calls are stalled.
     *
     * @throws AssertionError when they are not within 30 seconds
     */
    public void awaitStalled(int calls) {
        held.await(calls);
    }

    /** From now on every loaded value passes through this first, as if somebody had written to the store. */
    public FaultyStore tamper(UnaryOperator<byte[]> change) {
        tampering = change;
        return this;
    }

    /** Loses one value, as by eviction. */
    public void forget(Key key) {
        behind.end(key, Instant.EPOCH);
        keys.remove(key);
    }

    /** Loses every value that was created through this store, as by a restart. */
    public void forgetAll() {
        keys().forEach(this::forget);
    }

    /** What {@link #leavesProcess()} says from now on, instead of what the store behind says. */
    public FaultyStore leavesProcess(boolean leaves) {
        leavesProcess = leaves;
        return this;
    }

    /** What {@link #settled()} says from now on, instead of what the store behind says. */
    public FaultyStore settled(boolean isSettled) {
        settled = isSettled;
        return this;
    }

    /** The keys that were created through this store and not ended through it, sorted; a copy. */
    public Set<Key> keys() {
        return new ConcurrentSkipListSet<>(keys); // a TreeSet would trust the size of what changes meanwhile
    }

    // The store.

    @Override
    public Optional<Stored> load(Key key, Duration lease) {
        return read(StoreVerb.LOAD, () -> behind.load(key, lease));
    }

    @Override
    public Optional<Stored> loadFresh(Key key, Duration lease) {
        return read(StoreVerb.LOAD_FRESH, () -> behind.loadFresh(key, lease));
    }

    @Override
    public Optional<Stored> peek(Key key, Duration lease) {
        return read(StoreVerb.PEEK, () -> behind.peek(key, lease));
    }

    private Optional<Stored> read(StoreVerb verb, Supplier<Optional<Stored>> call) {
        Fault fault = plan.take(verb);
        if (fault == Fault.ABSENT) {
            return Optional.empty();
        }
        if (fault == Fault.STALL) {
            held.hold();
        } else if (fault == Fault.LOST) {
            throw SessionUnavailableException.lost("The newest record is lost, as the test wants it");
        } else if (fault != null) {
            throw away(verb);
        }
        return call.get()
                .map(found -> new Stored(
                        tampering.apply(found.value()), found.version(), found.idleFor(), found.renewalDue()));
    }

    @Override
    public Written create(Key key, byte[] value, Duration lease) {
        byte[] sent = value.clone();
        return write(StoreVerb.CREATE, () -> {
            keys.add(key);
            return behind.create(key, sent, lease);
        });
    }

    @Override
    public Written replace(Key key, byte[] value, Version seen, Duration lease) {
        byte[] sent = value.clone();
        return write(StoreVerb.REPLACE, () -> behind.replace(key, sent, seen, lease));
    }

    private Written write(StoreVerb verb, Supplier<Written> call) {
        Fault fault = plan.take(verb);
        if (fault == null) {
            return call.get();
        }
        switch (fault) {
            case STALL -> {
                held.hold();
                return call.get();
            }
            case EXISTS -> {
                return Written.not(Outcome.EXISTS);
            }
            case CONFLICT -> {
                return Written.not(Outcome.CONFLICT);
            }
            case ABSENT -> {
                return Written.not(Outcome.GONE);
            }
            case UNKNOWN_APPLIED -> {
                return lost(call.get());
            }
            case UNKNOWN_LATE -> held.later(() -> lost(call.get()));
            case UNKNOWN_DROPPED -> {}
            default -> throw away(verb);
        }
        return Written.not(Outcome.UNKNOWN);
    }

    /** What the caller hears when the answer does not arrive. */
    private static Written lost(Written answer) {
        return answer.outcome() == Outcome.UNKNOWN ? answer : Written.not(Outcome.UNKNOWN);
    }

    @Override
    public boolean end(Key key, Instant until) {
        return end(key, () -> behind.end(key, until) ? Outcome.GONE : Outcome.UNKNOWN) == Outcome.GONE;
    }

    @Override
    public Outcome end(Key key, Version seen, Instant until) {
        return end(key, () -> behind.end(key, seen, until));
    }

    private Outcome end(Key key, Supplier<Outcome> call) {
        Fault fault = plan.take(StoreVerb.END);
        if (fault == Fault.STALL) {
            held.hold();
        }
        if (fault == null || fault == Fault.STALL || fault == Fault.UNKNOWN_APPLIED) {
            Outcome outcome = ended(key, call);
            return fault == Fault.UNKNOWN_APPLIED ? Outcome.UNKNOWN : outcome;
        }
        if (fault == Fault.UNKNOWN_LATE) {
            held.later(() -> ended(key, call));
        }
        return Outcome.UNKNOWN;
    }

    /** A stalled one goes on when released; every other fault is a store that is away. */
    @Override
    public boolean renew(Key key, Version seen, Duration lease) {
        Fault fault = plan.take(StoreVerb.RENEW);
        if (fault == Fault.STALL) {
            held.hold();
        } else if (fault != null) {
            throw away(StoreVerb.RENEW);
        }
        return behind.renew(key, seen, lease);
    }

    @Override
    public boolean needsRequestThread() {
        return behind.needsRequestThread();
    }

    @Override
    public void requestOver() {
        behind.requestOver();
    }

    private Outcome ended(Key key, Supplier<Outcome> call) {
        Outcome outcome = call.get();
        if (outcome == Outcome.GONE) {
            keys.remove(key);
        }
        return outcome;
    }

    private static SessionUnavailableException away(StoreVerb verb) {
        return new SessionUnavailableException("The store is away for " + verb + ", as the test wants it", null);
    }

    @Override
    public boolean needsSweep() {
        return behind.needsSweep();
    }

    @Override
    public List<Key> sweep(int limit) {
        return behind.sweep(limit);
    }

    @Override
    public boolean leavesProcess() {
        Boolean said = leavesProcess;
        return said == null ? behind.leavesProcess() : said;
    }

    @Override
    public int maxValueBytes() {
        return behind.maxValueBytes();
    }

    @Override
    public boolean settled() {
        Boolean said = settled;
        return said == null ? behind.settled() : said;
    }

    @Override
    public boolean mayForget() {
        return behind.mayForget();
    }

    @Override
    public void report(BiConsumer<SessionEvent.Kind, Key> receiver) {
        behind.report(receiver);
    }

    @Override
    public void close() {
        behind.close();
    }

    /** Without keys and values. */
    @Override
    public String toString() {
        return "FaultyStore[" + behind + "]";
    }
}
