package dev.coatcheck.test;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A clock that stands still until it is told otherwise, so that a test of a timeout needs no waiting. Give the same one to
 * the manager and to the store: {@code new EmbeddedSessionStore(EmbeddedSessionStore.DEFAULT_MAX_BYTES, clock)}.
 *
 * <p>Safe for use by many threads.
 */
public final class FakeClock extends Clock {
    /** Where a clock starts by default: a Monday morning, nothing else. */
    public static final Instant START = Instant.parse("2026-01-05T09:00:00Z");

    private final AtomicReference<Instant> now;
    private final ZoneId zone;

    /** Starts at {@link #START}, in UTC. */
    public FakeClock() {
        this(START);
    }

    /** Starts at a moment of the test's choice, in UTC. */
    public FakeClock(Instant start) {
        this(new AtomicReference<>(start), ZoneOffset.UTC);
    }

    private FakeClock(AtomicReference<Instant> now, ZoneId zone) {
        this.now = now;
        this.zone = zone;
    }

    /** Moves the clock, backwards too when the duration is negative, and returns the new time. */
    public Instant advance(Duration duration) {
        return now.updateAndGet(before -> before.plus(duration));
    }

    /** Sets the clock to a moment, earlier or later. */
    public void set(Instant moment) {
        now.set(moment);
    }

    @Override
    public Instant instant() {
        return now.get();
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    /** The same time in another zone: moving one of the two clocks moves both. */
    @Override
    public FakeClock withZone(ZoneId zone) {
        return new FakeClock(now, zone);
    }

    /** The time it shows. */
    @Override
    public String toString() {
        return "FakeClock[" + now.get() + "]";
    }
}
