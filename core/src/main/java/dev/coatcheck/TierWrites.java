package dev.coatcheck;

import static dev.coatcheck.TierValues.durableLease;
import static dev.coatcheck.TierValues.envelope;
import static dev.coatcheck.TierValues.found;
import static dev.coatcheck.TierValues.known;
import static dev.coatcheck.TierValues.stored;
import static dev.coatcheck.TierValues.version;

import dev.coatcheck.SessionCache.Cached;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import dev.coatcheck.TierStep.Behind;
import dev.coatcheck.TierStep.Done;
import dev.coatcheck.TierStep.InCache;
import dev.coatcheck.TierStep.InStore;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Writes to two tiers: to the durable store, and then to the cache in place of what was seen there. */
final class TierWrites {
    private final TierValues values;
    private final TierRenewals renewals;
    private final TierHints hints;
    private final TierRepair repair;
    private final TierReads reads;
    private final TierEnds ends;
    private final @Nullable TierWaiting waiting;

    TierWrites(
            TierValues values,
            TierRenewals renewals,
            TierHints hints,
            TierRepair repair,
            TierReads reads,
            TierEnds ends,
            @Nullable TierWaiting waiting) {
        this.values = values;
        this.renewals = renewals;
        this.hints = hints;
        this.repair = repair;
        this.reads = reads;
        this.ends = ends;
        this.waiting = waiting;
    }

    /**
     * Into the durable store, then into the cache. Where the cache may store the value later, when the row has long had newer
     * ones, the outcome is unknown though the row is there: the manager draws another key, and nobody ever asks for this one.
     */
    TierStep<Written> create(Key key, byte[] value, Duration lease) {
        Envelope envelope = Envelope.of(value);
        return new InStore<>(
                store -> store.create(key, SplitValue.durablePart(value, envelope), durableLease(envelope, lease)),
                answer -> {
                    Written written = known(answer);
                    if (written.outcome() != Outcome.STORED) {
                        return new Done<>(written);
                    }
                    renewals.done(key);
                    Version durable = stored(written);
                    return switch (envelope.kind()) {
                        case TOMB -> buried(key, Instant.ofEpochSecond(envelope.end()), durable);
                        // Its key has one name for ever, so a create that arrives late could hide newer ones: a later
                        // claim caches it. That of the look before goes, since the next one would wait for its refill.
                        case INDEX ->
                            repair.bring(
                                    key,
                                    envelope,
                                    lease,
                                    brought -> new Done<>(Written.stored(new TierVersion(durable, null))));
                        default -> cached(key, value, lease, durable);
                    };
                });
    }

    private TierStep<Written> buried(Key key, Instant until, Version durable) {
        return new InCache<>(
                cache -> cache.bury(key, until),
                buried -> new Done<>(
                        Boolean.TRUE.equals(buried.value())
                                ? Written.stored(new TierVersion(durable, null))
                                : Written.not(Outcome.UNKNOWN)));
    }

    private TierStep<Written> cached(Key key, byte[] value, Duration lease, Version durable) {
        return new InCache<>(cache -> cache.create(key, value, lease), answer -> {
            if (answer.value() == null) {
                return new Done<>(Written.stored(new TierVersion(durable, null))); // it never will
            }
            return switch (answer.value().outcome()) {
                case STORED -> new Done<>(Written.stored(new TierVersion(durable, version(answer))));
                case EXISTS -> taken(key, lease, durable);
                case CONFLICT, GONE, UNKNOWN ->
                    new Behind<>(() -> ends.end(key, Instant.EPOCH), () -> new Done<>(Written.not(Outcome.UNKNOWN)));
            };
        });
    }

    /** The cache has something under a key that the durable store did not know: the mark of an end goes before the row. */
    private TierStep<Written> taken(Key key, Duration lease, Version durable) {
        return new InCache<>(cache -> cache.see(key, lease), answer -> {
            Cached cached = TierValues.cached(answer);
            return cached instanceof Cached.Buried
                    ? new InStore<>(
                            store -> store.end(key, Instant.EPOCH), ended -> new Done<>(Written.not(Outcome.EXISTS)))
                    : new Done<>(Written.stored(new TierVersion(durable, null)));
        });
    }

    /** Into the durable store, then into the cache in place of what was seen there. */
    TierStep<Written> replace(Key key, byte[] value, Version seen, Duration lease) {
        if (!(seen instanceof TierVersion version)) {
            return new Done<>(Written.not(Outcome.CONFLICT));
        }
        Envelope envelope = Envelope.of(value);
        Version cached = version.cached();
        if (waiting == null || cached == null || !envelope.kind().isSession()) {
            return replace(key, value, version, lease, true);
        }
        // What waits of the key goes first: this change is made on top of it.
        return waiting.takes(key, value)
                ? replaceBehind(waiting, key, value, envelope, version, cached, lease)
                : waiting.drain(key).then(drained -> replace(key, value, version, lease, true));
    }

    /** Into the cache, and into the queue of the durable store; where the cache has nothing, as without a queue. */
    private TierStep<Written> replaceBehind(
            TierWaiting behind,
            Key key,
            byte[] value,
            Envelope envelope,
            TierVersion seen,
            Version cached,
            Duration lease) {
        TierQueue.Pending change = new TierQueue.Pending(value, envelope, lease, seen.durable());
        return new InCache<>(cache -> cache.replace(key, value, cached, lease), answer -> {
            Outcome outcome =
                    answer.value() == null ? Outcome.GONE : answer.value().outcome();
            if (outcome == Outcome.STORED) {
                Written stored = Written.stored(new TierVersion(values.version(envelope), version(answer)));
                behind.put(key, change);
                return new Done<>(stored);
            } else if (outcome == Outcome.GONE) {
                TierVersion uncached = new TierVersion(seen.durable(), null);
                return behind.drain(key).then(drained -> replace(key, value, uncached, lease, true));
            }
            return new Done<>(Written.not(outcome));
        });
    }

    private TierStep<Written> replace(Key key, byte[] value, TierVersion seen, Duration lease, boolean first) {
        Envelope envelope = Envelope.of(value);
        Duration longer = durableLease(envelope, lease);
        return new InStore<>(
                store -> store.replace(key, SplitValue.durablePart(value, envelope), seen.durable(), longer),
                answer -> {
                    Written written = known(answer);
                    return switch (written.outcome()) {
                        case STORED -> {
                            renewals.done(key);
                            yield cache(key, value, envelope, lease, seen, stored(written));
                        }
                        case CONFLICT -> first ? overtaken(key, value, seen, lease) : new Done<>(written);
                        case GONE -> first ? gone(key, value, envelope, seen, lease) : gone(key, envelope);
                        case EXISTS, UNKNOWN -> new Done<>(Written.not(Outcome.UNKNOWN));
                    };
                });
    }

    /** The row's lease may have ended while the store could not be renewed; what the cache has in use is renewed first. */
    private TierStep<Written> gone(Key key, byte[] value, Envelope envelope, TierVersion seen, Duration lease) {
        return new InCache<>(cache -> cache.see(key, lease), shown -> {
            Cached cached = TierValues.cached(shown);
            if (!(cached instanceof Cached.Found found) || !isVersion(found.stored(), seen)) {
                return gone(key, envelope);
            }
            return new InStore<>(
                    store -> store.renew(key, seen.durable(), durableLease(envelope, lease)),
                    answer -> known(answer) ? replace(key, value, seen, lease, false) : gone(key, envelope));
        });
    }

    private TierStep<Written> gone(Key key, Envelope envelope) {
        return repair.none(key, envelope).then(none -> new Done<>(Written.not(Outcome.GONE)));
    }

    /** Another version is there: a newer one, or an older one after the database fell back, which gets the newer one again. */
    private TierStep<Written> overtaken(Key key, byte[] value, TierVersion seen, Duration lease) {
        Written conflict = Written.not(Outcome.CONFLICT);
        return new InStore<>(store -> store.peek(key, lease), answer -> {
            Stored row = known(answer).orElse(null);
            if (row == null || row.version().number() >= seen.number()) {
                return new Done<>(conflict);
            }
            return new InCache<>(cache -> cache.see(key, lease), shown -> {
                Cached cached = TierValues.cached(shown);
                if (!(cached instanceof Cached.Found found) || !isVersion(found.stored(), seen)) {
                    return new Done<>(conflict);
                }
                return reads.restore(key, lease, found.stored(), row, () -> found(found.stored()))
                        .then(restored -> replace(key, value, seen, lease, false));
            });
        });
    }

    private boolean isVersion(Stored stored, TierVersion seen) {
        Envelope envelope = envelope(stored.value());
        return envelope != null && values.version(envelope).equals(seen.durable());
    }

    /** The second half of a write. */
    private TierStep<Written> cache(
            Key key, byte[] value, Envelope envelope, Duration lease, TierVersion seen, Version durable) {
        Version cached = seen.cached();
        if (cached == null) {
            return brought(key, envelope, lease, durable);
        }
        return new InCache<>(cache -> cache.replace(key, value, cached, lease), answer -> {
            Outcome outcome =
                    answer.value() == null ? Outcome.UNKNOWN : answer.value().outcome();
            return switch (outcome) {
                case STORED -> new Done<>(Written.stored(new TierVersion(durable, version(answer))));
                case GONE -> new Done<>(Written.stored(new TierVersion(durable, null)));
                case CONFLICT -> brought(key, envelope, lease, durable);
                case EXISTS, UNKNOWN -> new Done<>(degraded(key, envelope, lease, durable));
            };
        });
    }

    private TierStep<Written> brought(Key key, Envelope envelope, Duration lease, Version durable) {
        return repair.bring(key, envelope, lease, brought -> {
            if (brought.buried()) {
                // Its end is on the way to the row, which has this write by now; another may have moved it on from
                // there.
                return new Done<>(Written.not(Outcome.UNKNOWN));
            }
            return brought.reached()
                    ? new Done<>(Written.stored(new TierVersion(durable, brought.version())))
                    : new Done<>(degraded(key, envelope, lease, durable));
        });
    }

    private Written degraded(Key key, Envelope envelope, Duration lease, Version durable) {
        hints.add(key, envelope, lease);
        return new Written(Outcome.STORED, new TierVersion(durable, null), true);
    }
}
