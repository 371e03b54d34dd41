package dev.coatcheck.chaos;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.atomic.AtomicReference;

/** The system's time, and what was put forward so far: so old ids come to their end without a wait. */
final class ShiftableClock extends Clock {
    private final Clock system;
    private final AtomicReference<Duration> shift;

    ShiftableClock() {
        this(Clock.systemUTC(), new AtomicReference<>(Duration.ZERO));
    }

    private ShiftableClock(Clock system, AtomicReference<Duration> shift) {
        this.system = system;
        this.shift = shift;
    }

    void forward(Duration duration) {
        shift.updateAndGet(before -> before.plus(duration));
    }

    @Override
    public Instant instant() {
        return system.instant().plus(shift.get());
    }

    @Override
    public ZoneId getZone() {
        return system.getZone();
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return new ShiftableClock(system.withZone(zone), shift);
    }
}
