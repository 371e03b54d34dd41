package dev.coatcheck.acceptance;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.SessionStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A store whose loads cannot renew, and which the thread alone may call that made it and serves the requests. */
final class LateRenewalStore implements SessionStore {
    private final Thread server = Thread.currentThread();
    private final EmbeddedSessionStore inner;
    private final AtomicInteger strangers = new AtomicInteger();

    LateRenewalStore(Clock clock) {
        inner = new EmbeddedSessionStore(EmbeddedSessionStore.DEFAULT_MAX_BYTES, clock);
    }

    /** How many calls came from another thread. */
    int strangers() {
        return strangers.get();
    }

    private SessionStore called() {
        if (Thread.currentThread() != server) {
            strangers.incrementAndGet();
        }
        return inner;
    }

    @Override
    public Optional<Stored> load(Key key, Duration lease) {
        return called().peek(key, lease)
                .map(found -> new Stored(
                        found.value(),
                        found.version(),
                        found.idleFor(),
                        found.idleFor().compareTo(lease.dividedBy(4)) >= 0));
    }

    @Override
    public boolean renew(Key key, Version seen, Duration lease) {
        return called().load(key, lease).isPresent();
    }

    @Override
    public Optional<Stored> peek(Key key, Duration lease) {
        return called().peek(key, lease);
    }

    @Override
    public Written create(Key key, byte[] value, Duration lease) {
        return called().create(key, value, lease);
    }

    @Override
    public Written replace(Key key, byte[] value, Version seen, Duration lease) {
        return called().replace(key, value, seen, lease);
    }

    @Override
    public boolean end(Key key, Instant until) {
        return called().end(key, until);
    }

    @Override
    public Outcome end(Key key, Version seen, Instant until) {
        return called().end(key, seen, until);
    }

    @Override
    public boolean needsSweep() {
        return true;
    }

    @Override
    public List<Key> sweep(int limit) {
        called();
        return List.of();
    }

    @Override
    public boolean needsRequestThread() {
        return true;
    }

    @Override
    public boolean leavesProcess() {
        return true;
    }

    @Override
    public void close() {
        inner.close();
    }
}
