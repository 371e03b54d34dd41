package dev.coatcheck.store.jdbc;

import dev.coatcheck.store.jdbc.DatabaseException.Fate;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether the last row that was to be stored was refused, as with a disk that is full: no statement without a row would show
 * it. Safe for use by many threads.
 */
final class WriteFate {
    private final LongSupplier nanos;
    private final AtomicReference<@Nullable Refusals> refusals = new AtomicReference<>();

    /**
     * All since a row was stored.
     *
     * @param count how many
     * @param since when the first was
     * @param last what the database said to the last one
     */
    record Refusals(long count, long since, String last) {}

    WriteFate(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** A row was stored. */
    void stored() {
        if (refusals.get() != null) {
            refusals.set(null);
        }
    }

    /** A write failed; only what the database refused counts. */
    void failed(DatabaseException e) {
        if (e.fate() == Fate.REFUSED) {
            long now = nanos.getAsLong();
            refusals.accumulateAndGet(
                    new Refusals(1, now, e.getMessage()),
                    (old, one) -> old == null ? one : new Refusals(old.count + 1, old.since, one.last));
        }
    }

    /** Null when the last one was stored, or there was none. */
    @Nullable
    Refusals refusals() {
        return refusals.get();
    }

    /** How many seconds ago that was. */
    long secondsSince(Refusals refused) {
        return Math.max(0, nanos.getAsLong() - refused.since) / 1_000_000_000L;
    }
}
