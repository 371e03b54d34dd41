package dev.coatcheck;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Opens stores by {@code spied:} that say they leave the process, and counts those that were closed. */
public final class SpiedStores implements SessionStoreProvider {
    private static final AtomicInteger CLOSED = new AtomicInteger();

    /** For the service loader. */
    public SpiedStores() {}

    static int closed() {
        return CLOSED.get();
    }

    @Override
    public Set<String> schemes() {
        return Set.of("spied");
    }

    @Override
    public SessionStore open(String url) {
        return new Spied();
    }

    private static final class Spied implements SessionStore {
        private final EmbeddedSessionStore inner = new EmbeddedSessionStore();

        @Override
        public Optional<Stored> load(Key key, Duration lease) {
            return inner.load(key, lease);
        }

        @Override
        public Optional<Stored> peek(Key key, Duration lease) {
            return inner.peek(key, lease);
        }

        @Override
        public Written create(Key key, byte[] value, Duration lease) {
            return inner.create(key, value, lease);
        }

        @Override
        public Written replace(Key key, byte[] value, Version seen, Duration lease) {
            return inner.replace(key, value, seen, lease);
        }

        @Override
        public boolean end(Key key, Instant until) {
            return inner.end(key, until);
        }

        @Override
        public Outcome end(Key key, Version seen, Instant until) {
            return inner.end(key, seen, until);
        }

        @Override
        public boolean leavesProcess() {
            return true;
        }

        @Override
        public void close() {
            CLOSED.incrementAndGet();
            inner.close();
        }
    }
}
