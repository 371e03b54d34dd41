package dev.coatcheck;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A store of which nothing is asked but whether absences may be remembered: all else goes through a {@link SimStore}. */
final class SimOff implements SessionStore {
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
    public boolean end(Key key, Instant until) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Outcome end(Key key, Version seen, Instant until) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean leavesProcess() {
        return true;
    }

    @Override
    public void close() {}
}
