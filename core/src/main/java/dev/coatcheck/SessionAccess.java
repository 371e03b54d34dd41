package dev.coatcheck;

import dev.coatcheck.SessionManager.StoreFailurePolicy;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request's way to its session: loads it at the first touch, lets the request's threads read and change what is known of
 * it, and stores or ends it. The lock guards the {@link RequestState} and is never held during I/O, which takes {@link Turns}.
 */
final class SessionAccess {
    private final SessionEngine engine;
    private final SessionExchange exchange;
    private final ReentrantLock lock = new ReentrantLock();
    private final Turns turns = new Turns(lock);
    /** Null until the first touch: a request that never asks for its session does not even read its cookies. */
    private @Nullable RequestState state;

    private boolean finished;
    private boolean blocking = true;

    SessionAccess(SessionEngine engine, SessionExchange exchange) {
        this.engine = engine;
        this.exchange = exchange;
    }

    // The state

    /** Does something with what is known, loaded or not. */
    <R extends @Nullable Object> R holding(Function<RequestState, R> action) {
        lock.lock();
        try {
            if (finished) {
                throw new IllegalStateException("The request of this session is over");
            }
            RequestState known = state;
            if (known == null) {
                known = new RequestState(engine, exchange);
                state = known;
            }
            return action.apply(known);
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #holding}, without a result. */
    void hold(Consumer<RequestState> action) {
        this.<@Nullable Void>holding(known -> {
            action.accept(known);
            return null;
        });
    }

    private boolean isLoaded() {
        lock.lock();
        try {
            RequestState known = state;
            return known != null && known.isLoaded();
        } finally {
            lock.unlock();
        }
    }

    private boolean isFinished() {
        lock.lock();
        try {
            return finished;
        } finally {
            lock.unlock();
        }
    }

    // Loading

    /** Loads the session if nothing has yet; what is found, or that the store is away, stays for the request. */
    void load() {
        if (holding(RequestState::isLoaded)) {
            return;
        }
        turns.take(() -> {
            RequestState known = holding(state -> state);
            if (!isLoaded()) {
                Loaded found = engine.load(known.scope(), known.tickets());
                hold(state -> state.loaded(found));
            }
        });
    }

    /** After this, the verbs that do I/O throw: their caller may not block. */
    void neverBlock() {
        hold(known -> blocking = false);
    }

    /** @throws IllegalStateException when the caller may not block */
    void mayBlock(String verb) {
        boolean may = holding(known -> blocking);
        if (!may) {
            throw new IllegalStateException(verb
                    + " would block; this session was loaded for a caller that may not: use " + "SessionManager.async");
        }
    }

    /** Reads from a loaded session; with the store away this throws, or gives what stands for absent. */
    <R extends @Nullable Object> R read(R absent, Function<RequestState, R> reader) {
        load();
        return holding(known -> {
            SessionUnavailableException away = known.away();
            if (away == null) {
                return reader.apply(known);
            }
            if (engine.settings().onStoreFailure() == StoreFailurePolicy.FAIL) {
                // A new one for each touch, so that its trace shows who touched.
                throw new SessionUnavailableException("The session store is away", away);
            }
            return absent;
        });
    }

    /** Changes a loaded session, or asks it what a decision hangs on; with the store away this throws under every policy. */
    <R extends @Nullable Object> R decide(Function<RequestState, R> action) {
        load();
        return holding(known -> {
            SessionUnavailableException away = known.away();
            if (away != null) {
                throw new SessionUnavailableException("The session store is away", away);
            }
            return action.apply(known);
        });
    }

    /** As {@link #decide}, without a result. */
    void change(Consumer<RequestState> change) {
        this.<@Nullable Void>decide(known -> {
            change.accept(known);
            return null;
        });
    }

    // Storing and ending

    /** The adapter's commit: an ended session is no error, what cannot be stored is forgotten, and the headers are added. */
    void commitByAdapter() {
        if (isLoaded()) {
            try {
                save(true);
            } finally {
                // After a failure too: what an earlier commit of this request did is true, and the browser must hear of
                // it.
                hold(known -> {
                    if (exchange.takesCookies()) {
                        known.departure().write(exchange, known.scope());
                    }
                });
            }
        }
    }

    /** Stores what was changed; by the adapter's wish, or the application's, who hears of what an adapter passes over. */
    void save(boolean byAdapter) {
        if (isLoaded()) {
            turns.take(() -> {
                while (saveOnce(byAdapter) instanceof Plan.End) {
                    // The unreadable session is gone; what was set since is a new one.
                }
            });
        }
    }

    private @Nullable Plan saveOnce(boolean byAdapter) {
        Plan plan = null;
        Committed result;
        try {
            plan = this.<@Nullable Plan>holding(RequestState::plan);
            if (plan == null) {
                return null;
            }
            result = engine.carryOut(plan);
        } catch (RuntimeException | Error e) {
            // The error page's own commit must not fail for the same changes again, and what may be stored is not run
            // twice.
            if (byAdapter || e instanceof SessionLimitException || plan != null && mayHappenTwice(plan, e)) {
                hold(RequestState::discard);
            }
            throw e;
        }
        Plan done = plan;
        hold(known -> known.committed(done, result));
        if (result instanceof Committed.Kept kept && kept.shaky() && exchange.isCommitted()) {
            throw Commit.mayShowOlder(); // too late for the cookie
        }
        if (result instanceof Committed.Gone gone && gone.dropped() && !byAdapter && !isRepeatable(plan)) {
            throw new SessionConflictException("The session ended while its changes were to be stored");
        }
        return plan;
    }

    /** Whether a repeated commit could do a second time what the failed one may have done. */
    private static boolean mayHappenTwice(Plan plan, Throwable failure) {
        return failure instanceof SessionUnavailableException unavailable
                && unavailable.mayBeStored()
                && !plan.changes().stream().allMatch(Change::mayRunTwice);
    }

    private static boolean isRepeatable(Plan plan) {
        return plan.changes().stream()
                .noneMatch(change -> change instanceof Change.Update || change instanceof Change.Take);
    }

    /** Ends the session now. */
    boolean end() {
        load();
        boolean[] confirmed = {true};
        turns.take(() -> {
            RequestState known = holding(state -> state);
            List<Sighting.Live> ending = holding(RequestState::toEnd);
            boolean away = holding(state -> state.away() != null);
            for (Sighting.Live live : ending) {
                confirmed[0] &= engine.end(live);
            }
            if (away) {
                // What the tickets lead to cannot be asked: their own keys are ended, and the answer is "not
                // confirmed".
                known.tickets().sessions().forEach(engine::end);
                confirmed[0] = false;
            }
            hold(state -> state.loggedOut(!ending.isEmpty() || away));
        });
        return confirmed[0];
    }

    /** The end of the request: late changes are stored, without a cookie. A second end is none. */
    void finish() {
        if (isFinished()) {
            return;
        }
        boolean used = isLoaded();
        try {
            save(true);
            renew();
        } finally {
            lock.lock();
            try {
                finished = true;
            } finally {
                lock.unlock();
            }
            if (used) {
                engine.requestOver();
            }
        }
    }

    private void renew() {
        turns.take(() -> {
            Sighting.Live live = isLoaded() ? this.<Sighting.@Nullable Live>holding(RequestState::live) : null;
            if (live != null && live.renewalDue()) {
                engine.renew(live);
            }
        });
    }

    /** The public id and nothing else; loads nothing. */
    @Override
    public String toString() {
        lock.lock();
        try {
            RequestState known = state;
            if (known == null || !known.isLoaded()) {
                return "Session[not loaded]";
            }
            Sighting.Live live = known.live();
            return live == null ? "Session[none]" : "Session[" + live.address().id() + "]";
        } finally {
            lock.unlock();
        }
    }
}
