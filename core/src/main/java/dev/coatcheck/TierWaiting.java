package dev.coatcheck;

import static dev.coatcheck.TierValues.durableLease;

import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.TierStep.Done;
import dev.coatcheck.TierStep.InStore;
import java.time.Duration;
import java.util.function.Consumer;

/** Gives the durable store the changes that wait for it, oldest first. */
final class TierWaiting {
    private static final int TRIES = 8;

    private final TierQueue queue;
    private final TierRenewals renewals;
    private final TierHints hints;
    private final TierRepair repair;
    private final Consumer<Key> full;

    /** @param full is told of each change that may not wait */
    TierWaiting(TierQueue queue, TierRenewals renewals, TierHints hints, TierRepair repair, Consumer<Key> full) {
        this.queue = queue;
        this.full = full;
        this.renewals = renewals;
        this.hints = hints;
        this.repair = repair;
    }

    boolean holds(Key key) {
        return queue.get(key) != null;
    }

    /** Whether a later change than this waits. */
    boolean isAhead(Key key, Envelope shown) {
        TierQueue.Pending change = queue.get(key);
        return change != null && change.envelope().version() > shown.version();
    }

    /** Whether a change may wait; where not, it has to go to the durable store first, as the cache cannot take it back. */
    boolean takes(Key key, byte[] value) {
        boolean room = queue.hasRoom(key, value.length);
        if (!room) {
            full.accept(key);
        }
        return room;
    }

    void put(Key key, TierQueue.Pending change) {
        queue.put(key, change);
    }

    /** The key has ended. */
    void drop(Key key) {
        queue.drop(key);
    }

    /**
     * Gives the durable store the change that waits for it.
     *
     * @return false when it could not be reached, and the change goes on waiting
     */
    TierStep<Boolean> drain(Key key) {
        TierQueue.Pending change = queue.get(key);
        if (change == null) {
            return new Done<>(true);
        }
        return store(key, change).then(there -> {
            if (!there) {
                return new Done<>(false);
            }
            queue.done(key, change);
            // Where it was forgotten meanwhile, another process may have put the older row there.
            return repair.bring(key, change.envelope(), change.lease(), brought -> {
                if (!brought.reached()) {
                    hints.add(key, change.envelope(), change.lease());
                }
                return new Done<>(true);
            });
        });
    }

    /** In place of what was seen, or of what is older, as another process may have stored it meanwhile. */
    private TierStep<Boolean> store(Key key, TierQueue.Pending change) {
        return store(key, change, change.base(), 1);
    }

    private TierStep<Boolean> store(Key key, TierQueue.Pending change, Version base, int tries) {
        byte[] value = SplitValue.durablePart(change.value(), change.envelope());
        Duration longer = durableLease(change.envelope(), change.lease());
        return new InStore<>(store -> store.replace(key, value, base, longer), answer -> {
            Outcome outcome =
                    answer.value() == null ? Outcome.UNKNOWN : answer.value().outcome();
            return switch (outcome) {
                case STORED -> {
                    renewals.done(key);
                    yield new Done<>(true);
                }
                case GONE -> new Done<>(true); // it has ended
                case CONFLICT ->
                    tries > TRIES
                            ? new Done<>(false)
                            : new InStore<>(store -> store.peek(key, change.lease()), row -> {
                                if (row.value() == null) {
                                    return new Done<>(false);
                                }
                                Stored there = row.value().orElse(null);
                                return there == null
                                                || there.version().number()
                                                        >= change.envelope().version()
                                        ? new Done<>(true) // a later change, which has this one in it
                                        : store(key, change, there.version(), tries + 1);
                            });
                case EXISTS, UNKNOWN -> new Done<>(false);
            };
        });
    }
}
