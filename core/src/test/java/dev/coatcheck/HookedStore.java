package dev.coatcheck;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An embedded store whose next answers can be changed, and which counts its calls. For the threads of one test, one at a
 * time.
 */
final class HookedStore implements SessionStore {
    /** What goes wrong in a write. */
    enum Fault {
        /** Refused for certain. */
        FAIL,
        /** Done, and the answer is lost. */
        LOST_AFTER,
        /** Done, though not everywhere. */
        DEGRADED,
        /** Not done, and the answer is lost. */
        LOST_BEFORE,
        /** Not done, and the answer is lost; done when an end is asked for, whose answer is lost too and which is not done. */
        LATE,
        /** Breaks the contract. */
        BROKEN,
        /** Answers null. */
        NULL
    }

    private final EmbeddedSessionStore inner;
    final Deque<Fault> writes = new ArrayDeque<>();
    final Deque<Fault> freshLoads = new ArrayDeque<>();
    boolean away;
    boolean settled = true;
    int calls;
    int endCalls;

    private @Nullable Runnable late;

    @Nullable
    Runnable beforeReplace;

    @Nullable
    UnaryOperator<Stored> found;

    /** Makes the store's own version of one that {@link #found} has changed. */
    UnaryOperator<Version> unwrap = UnaryOperator.identity();

    HookedStore(Clock clock) {
        inner = new EmbeddedSessionStore(EmbeddedSessionStore.DEFAULT_MAX_BYTES, clock);
    }

    private void called() {
        calls++;
        if (away) {
            throw new SessionUnavailableException("away", null);
        }
    }

    @Override
    public Optional<Stored> load(Key key, Duration lease) {
        called();
        UnaryOperator<Stored> change = found;
        return change == null ? inner.load(key, lease) : inner.load(key, lease).map(change);
    }

    @Override
    public Optional<Stored> peek(Key key, Duration lease) {
        called();
        return inner.peek(key, lease);
    }

    @Override
    @SuppressWarnings("NullAway") // a store that breaks its contract
    public Optional<Stored> loadFresh(Key key, Duration lease) {
        Fault fault = freshLoads.poll();
        if (fault == Fault.FAIL) {
            calls++;
            throw new SessionUnavailableException("away", null);
        }
        called();
        return fault == Fault.NULL ? null : inner.load(key, lease);
    }

    @Override
    public Written create(Key key, byte[] value, Duration lease) {
        called();
        return inner.create(key, value, lease);
    }

    @Override
    @SuppressWarnings("NullAway") // a store that breaks its contract
    public Written replace(Key key, byte[] value, Version seen, Duration lease) {
        called();
        Runnable before = beforeReplace;
        beforeReplace = null;
        if (before != null) {
            before.run();
        }
        Fault fault = writes.poll();
        if (fault == null) {
            return inner.replace(key, value, seen, lease);
        }
        return switch (fault) {
            case FAIL -> throw new SessionUnavailableException("refused", null);
            case BROKEN -> throw new IllegalArgumentException("broken");
            case LOST_BEFORE -> Written.not(Outcome.UNKNOWN);
            case LATE -> {
                late = () -> inner.replace(key, value, seen, lease);
                yield Written.not(Outcome.UNKNOWN);
            }
            case NULL -> null;
            case DEGRADED -> {
                Written written = inner.replace(key, value, seen, lease);
                yield new Written(written.outcome(), written.version(), true);
            }
            case LOST_AFTER -> {
                inner.replace(key, value, seen, lease);
                yield Written.not(Outcome.UNKNOWN);
            }
        };
    }

    @Override
    public boolean end(Key key, Instant until) {
        endCalls++;
        called();
        Runnable write = late;
        if (write != null) {
            late = null;
            write.run();
            return false;
        }
        return inner.end(key, until);
    }

    @Override
    public Outcome end(Key key, Version seen, Instant until) {
        endCalls++;
        called();
        return inner.end(key, unwrap.apply(seen), until);
    }

    @Override
    public boolean leavesProcess() {
        return false;
    }

    @Override
    public boolean settled() {
        return settled;
    }

    @Override
    public void close() {
        inner.close();
    }
}
