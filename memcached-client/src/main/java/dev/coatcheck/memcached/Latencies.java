package dev.coatcheck.memcached;

import java.time.Duration;
import java.util.Arrays;
import java.util.stream.LongStream;

/** How long answers took, from the call to the reply, as a histogram whose bounds double: 1, 2, 4 microseconds and so on. */
public final class Latencies {
    private final long[] counts;

    Latencies(long[] counts) {
        this.counts = counts;
    }

    /** How many answers there were. */
    public long count() {
        return LongStream.of(counts).sum();
    }

    /** How many took longer than half of the i-th bound, {@link #bound}, and not longer than it. A copy; the last has no bound. */
    public long[] counts() {
        return counts.clone();
    }

    /** The upper bound of the i-th count. */
    public static Duration bound(int i) {
        return Duration.ofNanos(1_000L << i);
    }

    /**
     * A time that this share of the answers did not exceed; zero without answers.
     *
     * @param share from 0 to 1: 0.99 for the 99th percentile
     * @throws IllegalArgumentException when it is another number
     */
    public Duration quantile(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("A share of " + share + ": 0 to 1 is accepted");
        }
        long needed = (long) Math.ceil(share * count());
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= needed && seen > 0) {
                return bound(i);
            }
        }
        return Duration.ZERO;
    }

    /** The counts. */
    @Override
    public String toString() {
        return "Latencies" + Arrays.toString(counts);
    }
}
