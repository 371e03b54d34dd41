package dev.coatcheck;

import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;

/** Writes one line a minute of what anybody can cause at will. Safe for use by many threads. */
final class MinuteLog {
    private final Clock clock;
    private final AtomicLong times = new AtomicLong();
    private final AtomicReference<Instant> next = new AtomicReference<>(Instant.MIN);

    MinuteLog(Clock clock) {
        this.clock = clock;
    }

    /** Counts, and hands the count since the last line to the writer of this minute's. */
    void run(LongConsumer line) {
        times.incrementAndGet();
        Instant due = next.get();
        Instant now = clock.instant();
        if (!now.isBefore(due) && next.compareAndSet(due, now.plusSeconds(60))) {
            line.accept(times.getAndSet(0));
        }
    }
}
