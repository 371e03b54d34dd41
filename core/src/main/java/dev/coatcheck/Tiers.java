package dev.coatcheck;

import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a cache in front of a durable store does for each verb of a store, as functions from an answer to the next call,
 * without I/O. The durable store decides; the cache holds only what that had when the state in whose place it was put was
 * still there.
 */
final class Tiers {
    private final TierReads reads;
    private final TierWrites writes;
    private final TierEnds ends;
    private final TierRepair repair;
    private final @Nullable TierWaiting waiting;

    /**
     * @param steadyFor as {@link SessionCache#steadyFor}
     * @param random gives a number from zero to below its argument, for pauses
     * @param queue where changes wait for the durable store; null: they do not, but go there first
     * @param full is told of each change that may not wait there
     */
    Tiers(
            Function<Key, Duration> steadyFor,
            TierValues values,
            TierRenewals renewals,
            TierHints hints,
            LongUnaryOperator random,
            @Nullable TierQueue queue,
            Consumer<Key> full) {
        repair = new TierRepair(renewals, hints);
        waiting = queue == null ? null : new TierWaiting(queue, renewals, hints, repair, full);
        reads = new TierReads(steadyFor, values, renewals, hints, random, repair, waiting);
        ends = new TierEnds(values, renewals, repair, waiting);
        writes = new TierWrites(values, renewals, hints, repair, reads, ends, waiting);
    }

    TierStep<Optional<Stored>> load(Key key, Duration lease) {
        return reads.load(key, lease);
    }

    TierStep<Optional<Stored>> loadFresh(Key key, Duration lease) {
        return reads.loadFresh(key, lease);
    }

    TierStep<Optional<Stored>> peek(Key key, Duration lease) {
        return reads.peek(key, lease);
    }

    TierStep<Written> create(Key key, byte[] value, Duration lease) {
        return writes.create(key, value, lease);
    }

    TierStep<Written> replace(Key key, byte[] value, Version seen, Duration lease) {
        return writes.replace(key, value, seen, lease);
    }

    TierStep<Boolean> renew(Key key, Version seen, Duration lease) {
        return reads.renew(key, seen, lease);
    }

    TierStep<Boolean> end(Key key, Instant until) {
        return ends.end(key, until);
    }

    TierStep<Outcome> end(Key key, Version seen, Instant until) {
        return ends.end(key, seen, until);
    }

    TierStep<Boolean> sweep(DurableSessionStore.Expired expired) {
        return ends.sweep(expired);
    }

    TierStep<Boolean> repair(Key key) {
        return repair.repair(key);
    }

    /** Only where changes wait. */
    TierStep<Boolean> drain(Key key) {
        return Objects.requireNonNull(waiting, "changes wait").drain(key);
    }
}
