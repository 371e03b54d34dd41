package dev.coatcheck;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** A store whose first end throws an Error and whose second is confirmed; it has no other verb. */
final class EndsBadly implements SessionStore {
    private final AtomicLong tries;

    EndsBadly(AtomicLong tries) {
        this.tries = tries;
    }

    @Override
    public boolean end(Key key, Instant until) {
        if (tries.incrementAndGet() == 1) {
            throw new NoClassDefFoundError("driver");
        }
        return true;
    }

    @Override
    public Outcome end(Key key, Version seen, Instant until) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Stored> load(Key key, Duration lease) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Stored> peek(Key key, Duration lease) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Written create(Key key, byte[] value, Duration lease) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Written replace(Key key, byte[] value, Version seen, Duration lease) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean leavesProcess() {
        return false;
    }

    @Override
    public void close() {}
}
