package dev.coatcheck.memcached;

import dev.coatcheck.memcached.Command.Verb;
import dev.coatcheck.memcached.MemcachedException.Fate;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** What a node counts. Safe for use by many threads. */
final class Counters {
    /** Latencies of up to 2^i microseconds each, for i from 0 to 23 (8 seconds), and what took longer. */
    static final int BUCKETS = 25;

    final LongAdder operations = new LongAdder();
    final LongAdder hits = new LongAdder();
    final LongAdder misses = new LongAdder();
    final LongAdder timeouts = new LongAdder();
    final LongAdder notSent = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder connections = new LongAdder();
    final LongAdder bytesSent = new LongAdder();
    final LongAdder bytesReceived = new LongAdder();
    private final AtomicLongArray latencies = new AtomicLongArray(BUCKETS);

    void answered(Call call, Reply reply) {
        if (call.command().verb() == Verb.GET) {
            (reply.status() == Reply.Status.DONE ? hits : misses).increment();
        }
        latencies.incrementAndGet(bucket(call.age()));
    }

    /** A command's caller hears that it got no answer. */
    void failed(Fate fate) {
        switch (fate) {
            case NOT_SENT, OTHER_SERVER -> notSent.increment();
            case REFUSED -> refused.increment();
            case UNKNOWN -> {} // Those that had no answer in time are counted where that is found.
        }
    }

    private static int bucket(long nanos) {
        long micros = (Math.max(0, nanos) + 999) / 1_000;
        int bits = micros <= 1 ? 0 : Long.SIZE - Long.numberOfLeadingZeros(micros - 1);
        return Math.min(bits, BUCKETS - 1);
    }

    Latencies latencies() {
        long[] counts = new long[BUCKETS];
        for (int i = 0; i < BUCKETS; i++) {
            counts[i] = latencies.get(i);
        }
        return new Latencies(counts);
    }
}
