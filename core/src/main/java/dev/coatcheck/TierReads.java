package dev.coatcheck;

import static dev.coatcheck.TierValues.durableLease;
import static dev.coatcheck.TierValues.envelope;
import static dev.coatcheck.TierValues.foreign;
import static dev.coatcheck.TierValues.found;
import static dev.coatcheck.TierValues.isOver;
import static dev.coatcheck.TierValues.isSame;
import static dev.coatcheck.TierValues.known;
import static dev.coatcheck.TierValues.row;
import static dev.coatcheck.TierValues.version;

import dev.coatcheck.SessionCache.Cached;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import dev.coatcheck.TierRenewals.Need;
import dev.coatcheck.TierRepair.Brought;
import dev.coatcheck.TierStep.Behind;
import dev.coatcheck.TierStep.Done;
import dev.coatcheck.TierStep.InCache;
import dev.coatcheck.TierStep.InStore;
import dev.coatcheck.TierStep.Pause;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads through two tiers: from the cache, and from the durable store what that does not hold or cannot prove. */
final class TierReads {
    /**
     * How long to wait for another caller's refill at most: 50 ms in all. Each wait is from half of it to all of it, so that
     * the many who wait for one refill do not wake together.
     */
    private static final List<Duration> WAITS =
            List.of(Duration.ofMillis(5), Duration.ofMillis(15), Duration.ofMillis(30));

    private final Function<Key, Duration> steadyFor;
    private final TierValues values;
    private final TierRenewals renewals;
    private final TierHints hints;
    private final LongUnaryOperator random;
    private final TierRepair repair;
    private final @Nullable TierWaiting waiting;

    TierReads(
            Function<Key, Duration> steadyFor,
            TierValues values,
            TierRenewals renewals,
            TierHints hints,
            LongUnaryOperator random,
            TierRepair repair,
            @Nullable TierWaiting waiting) {
        this.steadyFor = steadyFor;
        this.values = values;
        this.renewals = renewals;
        this.hints = hints;
        this.random = random;
        this.repair = repair;
        this.waiting = waiting;
    }

    /** From the cache; where that has nothing, from the durable store and back into the cache. */
    TierStep<Optional<Stored>> load(Key key, Duration lease) {
        return claim(key, lease, 0);
    }

    private TierStep<Optional<Stored>> claim(Key key, Duration lease, int waited) {
        return new InCache<>(cache -> cache.claim(key, lease), answer -> {
            if (answer.value() instanceof Cached.Found found) {
                return hit(key, lease, found.stored());
            } else if (answer.value() instanceof Cached.Claimed claimed) {
                return claimed.own() || waited == WAITS.size()
                        ? query(key, lease, claimed.claim())
                        : new Pause<>(pause(WAITS.get(waited)), () -> claim(key, lease, waited + 1));
            } else if (answer.value() instanceof Cached.Buried) {
                return new Done<>(Optional.empty());
            }
            return query(key, lease, null);
        });
    }

    private Duration pause(Duration longest) {
        long half = longest.toNanos() / 2;
        return Duration.ofNanos(half + random.applyAsLong(half + 1));
    }

    private TierStep<Optional<Stored>> hit(Key key, Duration lease, Stored cached) {
        Envelope envelope = envelope(cached.value());
        if (envelope == null) {
            // Whatever it is, it is not what was put there.
            return repair.drop(key, cached.version(), () -> query(key, lease, null));
        }
        Stored stored = values.stored(cached, envelope, cached.version());
        if (envelope.kind().isTerminal()) {
            return found(stored);
        }
        if (waiting != null && waiting.isAhead(key, envelope)) {
            return afterDrain(waiting, key, lease);
        }
        Need need = hints.holds(key) ? Need.PROOF : renewals.need(key, lease, steadyFor.apply(key));
        return switch (need) {
            case NONE -> found(stored);
            case RENEWAL -> renewedBehind(key, lease, stored, envelope, true);
            case PROOF -> prove(key, lease, stored, envelope);
        };
    }

    /** The cache shows less than what waits here: it has forgotten that, and somebody has put the row there again. */
    private TierStep<Optional<Stored>> afterDrain(TierWaiting changes, Key key, Duration lease) {
        return changes.drain(key).then(drained -> {
            if (!drained) {
                throw new SessionUnavailableException("A change of a session has not reached the database yet", null);
            }
            return claim(key, lease, WAITS.size());
        });
    }

    /** Asks the durable store, once it has what waits for it here. */
    private TierStep<Optional<Stored>> query(Key key, Duration lease, @Nullable Version claim) {
        return waiting == null || !waiting.holds(key)
                ? ask(key, lease, claim)
                : waiting.drain(key).then(drained -> ask(key, lease, claim));
    }

    /** Asks the durable store. What it holds goes into the cache in place of a claim that was there before. */
    private TierStep<Optional<Stored>> ask(Key key, Duration lease, @Nullable Version claim) {
        return new InStore<>(store -> store.peek(key, lease), answer -> {
            Stored row = known(answer).orElse(null);
            Envelope envelope = row == null ? null : envelope(row.value());
            if (row == null || envelope == null) {
                return new Done<>(Optional.ofNullable(row).map(TierValues::foreign));
            }
            if (isOver(row, envelope, lease)) {
                return new Done<>(Optional.empty());
            }
            if (claim == null) {
                return renewedBehind(key, lease, row(row, envelope, lease, null), envelope, false);
            }
            return new InCache<>(
                    cache -> cache.replace(key, row.value(), claim, values.cacheLease(envelope, lease)),
                    filled -> renewedBehind(key, lease, row(row, envelope, lease, version(filled)), envelope, true));
        });
    }

    /** From what decides: the durable store, to which the cache is brought; the cache, where changes wait behind it. */
    TierStep<Optional<Stored>> loadFresh(Key key, Duration lease) {
        TierWaiting changes = waiting;
        return changes == null
                ? fresh(key, lease)
                : shown(key, lease, () -> changes.drain(key).then(drained -> fresh(key, lease)));
    }

    /**
     * The mark in the cache goes before any row: one that is still there was to be deleted, by somebody who died over it or could
     * not reach it. It is deleted now, since the cache may forget the mark.
     */
    private static TierStep<Optional<Stored>> finishEnd(Key key) {
        return new InStore<>(store -> store.end(key, Instant.EPOCH), ended -> {
            if (!Boolean.TRUE.equals(ended.value())) {
                throw new SessionUnavailableException("The end of a session has not reached the database yet", null);
            }
            return new Done<>(Optional.empty());
        });
    }

    /** What the cache shows, without renewing it; where it shows nothing, or less than what waits here, what follows. */
    private TierStep<Optional<Stored>> shown(Key key, Duration lease, Supplier<TierStep<Optional<Stored>>> otherwise) {
        return new InCache<>(cache -> cache.see(key, lease), answer -> {
            Cached cached = TierValues.cached(answer);
            if (cached instanceof Cached.Buried) {
                return new Done<>(Optional.empty());
            }
            Stored shown = cached instanceof Cached.Found found ? found.stored() : null;
            Envelope envelope = shown == null ? null : envelope(shown.value());
            boolean ahead = waiting != null && envelope != null && waiting.isAhead(key, envelope);
            return shown != null && envelope != null && !ahead
                    ? found(values.stored(shown, envelope, shown.version()))
                    : otherwise.get();
        });
    }

    private TierStep<Optional<Stored>> fresh(Key key, Duration lease) {
        return new InStore<>(store -> store.peek(key, lease), answer -> {
            Stored row = known(answer).orElse(null);
            Envelope envelope = row == null ? null : envelope(row.value());
            if (row == null) {
                return repair.none(key, lease);
            } else if (envelope == null) {
                return found(foreign(row));
            }
            return repair.bring(key, envelope, lease, brought -> {
                if (!brought.reached()) {
                    hints.add(key, envelope, lease); // who asks past the cache knows that it may be older
                }
                return brought.buried()
                        ? finishEnd(key)
                        : renewedBehind(key, lease, whole(row, envelope, lease, brought), envelope, brought.reached());
            });
        });
    }

    /** A row, with what is for a cache alone where that holds the same state. */
    private static Stored whole(Stored row, Envelope envelope, Duration lease, Brought brought) {
        Stored cached = brought.cached();
        Stored state = row(row, envelope, lease, brought.version());
        return cached == null ? state : new Stored(cached.value(), state.version(), state.idleFor());
    }

    /** Without renewing anything. */
    TierStep<Optional<Stored>> peek(Key key, Duration lease) {
        return shown(
                key,
                lease,
                () -> new InStore<>(
                        store -> store.peek(key, lease),
                        row -> new Done<>(known(row).flatMap(found -> unused(found, lease)))));
    }

    private static Optional<Stored> unused(Stored row, Duration lease) {
        Envelope envelope = envelope(row.value());
        if (envelope == null) {
            return Optional.of(foreign(row));
        }
        return isOver(row, envelope, lease) ? Optional.empty() : Optional.of(row(row, envelope, lease, null));
    }

    /** In the cache, where that has shown it; the durable store's was seen to when it was loaded. */
    TierStep<Boolean> renew(Key key, Version seen, Duration lease) {
        Version cached = seen instanceof TierVersion version ? version.cached() : null;
        return cached == null
                ? new Done<>(true)
                : new InCache<>(cache -> cache.renew(key, cached, lease), answer -> new Done<>(known(answer)));
    }

    // Renewing, and proving what the cache shows.

    /**
     * Hands out what was found, and renews it in the durable store where that is due.
     *
     * @param proved whether the cache holds nothing older than what was read
     */
    private TierStep<Optional<Stored>> renewedBehind(
            Key key, Duration lease, Stored stored, Envelope envelope, boolean proved) {
        if (envelope.kind().isTerminal()) {
            return found(stored);
        }
        boolean due = renewals.isDue(key, lease);
        if (due) {
            renewals.done(key);
        }
        if (!proved) {
            renewals.doubt(key);
        }
        if (!due) {
            return found(stored);
        }
        return new Behind<>(
                () -> asked(renew(key, lease, stored, envelope, () -> {
                    if (!proved) {
                        renewals.doubt(key); // the row was asked, and not the cache
                    }
                    return found(stored);
                })),
                () -> found(stored));
    }

    /** Nobody waits for it: a store that is away is asked again by a later request. */
    private static TierStep<Boolean> asked(TierStep<Optional<Stored>> step) {
        return step.then(found -> new Done<>(true));
    }

    /** A renewal proves what the cache shows; a database that takes no writes is read instead. */
    private TierStep<Optional<Stored>> prove(Key key, Duration lease, Stored shown, Envelope envelope) {
        Version version = values.version(envelope);
        return new InStore<>(store -> store.renew(key, version, durableLease(envelope, lease)), answer -> {
            SessionUnavailableException refused = answer.unavailable();
            return refused == null
                    ? renewed(known(answer), key, lease, shown, envelope, () -> found(shown))
                    : new InStore<>(store -> store.peek(key, lease), row -> {
                        renewals.failed(key, lease);
                        if (row.value() == null || !holds(row.value(), envelope)) {
                            throw refused;
                        }
                        return found(shown);
                    });
        });
    }

    private static boolean holds(Optional<Stored> row, Envelope envelope) {
        Envelope durable = row.isPresent() ? envelope(row.get().value()) : null;
        return durable != null && isSame(durable, envelope);
    }

    /** Renews what the cache has shown, and so proves it; what the durable store does not hold is settled. */
    private TierStep<Optional<Stored>> renew(
            Key key, Duration lease, Stored shown, Envelope envelope, Supplier<TierStep<Optional<Stored>>> then) {
        Version version = values.version(envelope);
        return new InStore<>(store -> store.renew(key, version, durableLease(envelope, lease)), answer -> {
            if (answer.unavailable() != null) {
                renewals.failed(key, lease);
            }
            return renewed(known(answer), key, lease, shown, envelope, then);
        });
    }

    private TierStep<Optional<Stored>> renewed(
            boolean there,
            Key key,
            Duration lease,
            Stored shown,
            Envelope envelope,
            Supplier<TierStep<Optional<Stored>>> then) {
        if (there) {
            renewals.done(key);
            return then.get();
        }
        renewals.forget(key);
        return settle(key, lease, shown, envelope);
    }

    /** The cache has shown what the durable store does not hold: the row decides, unless it fell back to an older one. */
    private TierStep<Optional<Stored>> settle(Key key, Duration lease, Stored shown, Envelope envelope) {
        return new InStore<>(store -> store.peek(key, lease), answer -> {
            Stored row = known(answer).orElse(null);
            if (row == null) {
                return repair.none(key, envelope);
            }
            Envelope durable = envelope(row.value());
            if (durable == null) {
                return found(foreign(row));
            }
            if (isSame(durable, envelope)) {
                return found(shown);
            }
            if (durable.version() < envelope.version()) {
                return restore(key, lease, shown, row, () -> found(shown));
            }
            return repair.bring(
                    key,
                    durable,
                    lease,
                    brought -> brought.buried() ? finishEnd(key) : found(whole(row, durable, lease, brought)));
        });
    }

    /** Gives back to a durable store what it has lost and the cache still has. */
    TierStep<Optional<Stored>> restore(
            Key key, Duration lease, Stored newer, Stored row, Supplier<TierStep<Optional<Stored>>> then) {
        Envelope envelope = Envelope.of(newer.value());
        return new InStore<>(
                store -> store.replace(
                        key,
                        SplitValue.durablePart(newer.value(), envelope),
                        row.version(),
                        durableLease(envelope, lease)),
                answer -> {
                    Written written = known(answer);
                    return written.outcome() == Outcome.STORED ? then.get() : loadFresh(key, lease);
                });
    }
}
