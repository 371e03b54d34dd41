package dev.coatcheck.chaos;

import dev.coatcheck.SessionEvent;
import dev.coatcheck.chaos.Entry.Outcome;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** Counts what requests were told, and how long they took. Safe for use by many threads. */
final class Tally {
    private static final int KINDS = Kind.values().length;
    private static final int OUTCOMES = Outcome.values().length;
    /** So many buckets for each doubling of a latency. */
    private static final int STEPS = 8;

    private static final int BUCKETS = 40 * STEPS;

    private final AtomicLongArray outcomes = new AtomicLongArray(KINDS * OUTCOMES);
    private final AtomicLongArray events = new AtomicLongArray(SessionEvent.Kind.values().length);
    private final AtomicLongArray latencies = new AtomicLongArray(BUCKETS);
    private final AtomicLong worstNanos = new AtomicLong();
    private final LongAdder unavailable = new LongAdder();

    /** @param nanos what it took, the application's own thought left out */
    void count(Entry entry, long nanos) {
        outcomes.incrementAndGet(place(entry.kind, entry.outcome));
        if (entry.unavailable) {
            unavailable.increment();
        }
        double doublings = Math.log(Math.max(1, nanos / 1_000.0)) / Math.log(2);
        latencies.incrementAndGet(Math.min(BUCKETS - 1, (int) (doublings * STEPS)));
        worstNanos.accumulateAndGet(nanos, Math::max);
    }

    void count(SessionEvent event) {
        events.incrementAndGet(event.kind().ordinal());
    }

    private static int place(Kind kind, Outcome outcome) {
        return kind.ordinal() * OUTCOMES + outcome.ordinal();
    }

    long of(Kind kind, Outcome outcome) {
        return outcomes.get(place(kind, outcome));
    }

    long of(Outcome outcome) {
        long sum = 0;
        for (Kind kind : Kind.values()) {
            sum += of(kind, outcome);
        }
        return sum;
    }

    long of(SessionEvent.Kind kind) {
        return events.get(kind.ordinal());
    }

    long unavailable() {
        return unavailable.sum();
    }

    double worstMillis() {
        return worstNanos.get() / 1e6;
    }

    /** The upper end of the bucket below which so many of a hundred requests are, in milliseconds. */
    double millisOf(double percent) {
        long all = 0;
        for (int i = 0; i < BUCKETS; i++) {
            all += latencies.get(i);
        }
        long left = (long) Math.ceil(all * percent / 100);
        for (int i = 0; i < BUCKETS; i++) {
            left -= latencies.get(i);
            if (left <= 0) {
                return Math.min(worstMillis(), Math.pow(2, (i + 1.0) / STEPS) / 1_000);
            }
        }
        return worstMillis();
    }
}
