package dev.coatcheck;

import dev.coatcheck.SessionCache.Cached;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import dev.coatcheck.TierRenewals.Need;
import dev.coatcheck.TierStep.Behind;
import dev.coatcheck.TierStep.Done;
import dev.coatcheck.TierStep.InCache;
import dev.coatcheck.TierStep.InStore;
import dev.coatcheck.TierStep.Pause;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a cache in front of a durable store does for each verb of a store, as functions from an answer to the next call,
 * without I/O. The durable store decides; the cache holds only what that had when the state in whose place it was put was
 * still there.
 */
final class Tiers {
    /** How long to wait for another caller's refill: 50 ms in all. */
    private static final List<Duration> WAITS =
            List.of(Duration.ofMillis(5), Duration.ofMillis(15), Duration.ofMillis(30));

    /** After so many changes of the cache under its hands a call leaves the rest to the repair. */
    private static final int TRIES = 8;

    private static final Duration SLACK = Duration.ofSeconds(2);

    private final Function<Key, Duration> steadyFor;
    private final Function<Envelope, Version> durableVersion;
    private final TierRenewals renewals;
    private final TierHints hints;
    private final @Nullable TierQueue queue;
    private final Clock clock;

    /**
     * @param steadyFor as {@link SessionCache#steadyFor}
     * @param durableVersion as {@link DurableSessionStore#version}
     * @param queue where changes wait for the durable store; null: they do not, but go there first
     */
    Tiers(
            Function<Key, Duration> steadyFor,
            Function<Envelope, Version> durableVersion,
            TierRenewals renewals,
            TierHints hints,
            @Nullable TierQueue queue,
            Clock clock) {
        this.steadyFor = steadyFor;
        this.durableVersion = durableVersion;
        this.renewals = renewals;
        this.hints = hints;
        this.queue = queue;
        this.clock = clock;
    }

    // Reading.

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
                        : new Pause<>(WAITS.get(waited), () -> claim(key, lease, waited + 1));
            } else if (answer.value() instanceof Cached.Buried) {
                return new Done<>(Optional.empty());
            }
            return query(key, lease, null);
        });
    }

    private TierStep<Optional<Stored>> hit(Key key, Duration lease, Stored cached) {
        Envelope envelope = envelope(cached.value());
        if (envelope == null) {
            // Whatever it is, it is not what was put there.
            return drop(key, cached.version(), () -> query(key, lease, null));
        }
        Stored stored = stored(cached, envelope, cached.version());
        if (envelope.kind().isTerminal()) {
            return found(stored);
        }
        Need need = hints.holds(key) ? Need.PROOF : renewals.need(key, lease, steadyFor.apply(key));
        return switch (need) {
            case NONE -> found(stored);
            case RENEWAL -> {
                renewals.done(key);
                yield new Behind<>(() -> renewBehind(key, lease, stored, envelope), () -> found(stored));
            }
            case PROOF -> renew(key, lease, stored, envelope, () -> found(stored));
        };
    }

    /** Asks the durable store, once it has what waits for it here. */
    private TierStep<Optional<Stored>> query(Key key, Duration lease, @Nullable Version claim) {
        return queue == null || queue.get(key) == null
                ? ask(key, lease, claim)
                : then(drain(key), drained -> ask(key, lease, claim));
    }

    /** Asks the durable store. What it holds goes into the cache in place of a claim that was there before. */
    private TierStep<Optional<Stored>> ask(Key key, Duration lease, @Nullable Version claim) {
        return new InStore<>(store -> store.peek(key, lease), answer -> {
            Stored row = known(answer).orElse(null);
            Envelope envelope = row == null ? null : envelope(row.value());
            if (row == null || envelope == null) {
                return new Done<>(Optional.ofNullable(row).map(Tiers::foreign));
            }
            if (isOver(row, envelope, lease)) {
                return new Done<>(Optional.empty());
            }
            if (claim == null) {
                return renewedBehind(key, lease, row(row, envelope, lease, null), envelope, false);
            }
            return new InCache<>(
                    cache -> cache.replace(key, row.value(), claim, cacheLease(envelope, lease)),
                    filled -> renewedBehind(key, lease, row(row, envelope, lease, version(filled)), envelope, true));
        });
    }

    /** From what decides: the durable store, to which the cache is brought; the cache, where changes wait behind it. */
    TierStep<Optional<Stored>> loadFresh(Key key, Duration lease) {
        return queue == null
                ? fresh(key, lease)
                : new InCache<>(cache -> cache.see(key, lease), answer -> {
                    Cached cached =
                            answer.value() == null ? null : answer.value().orElse(null);
                    if (cached instanceof Cached.Buried) {
                        return new Done<>(Optional.empty());
                    }
                    Envelope envelope = cached instanceof Cached.Found found
                            ? envelope(found.stored().value())
                            : null;
                    return envelope == null
                            ? then(drain(key), drained -> fresh(key, lease))
                            : found(stored(
                                    ((Cached.Found) cached).stored(),
                                    envelope,
                                    ((Cached.Found) cached).stored().version()));
                });
    }

    private TierStep<Optional<Stored>> fresh(Key key, Duration lease) {
        return new InStore<>(store -> store.peek(key, lease), answer -> {
            Stored row = known(answer).orElse(null);
            Envelope envelope = row == null ? null : envelope(row.value());
            if (row == null) {
                return bury(key, clock.instant().plus(lease));
            } else if (envelope == null) {
                return found(foreign(row));
            }
            return bring(key, envelope, lease, brought -> {
                if (!brought.reached()) {
                    hints.add(key, envelope, lease); // who asks past the cache knows that it may be older
                }
                return brought.buried()
                        ? new Done<>(Optional.empty())
                        : renewedBehind(
                                key, lease, row(row, envelope, lease, brought.cached()), envelope, brought.reached());
            });
        });
    }

    /** Without renewing anything. */
    TierStep<Optional<Stored>> peek(Key key, Duration lease) {
        return new InCache<>(cache -> cache.see(key, lease), answer -> {
            Cached cached = answer.value() == null ? null : answer.value().orElse(null);
            if (cached instanceof Cached.Buried) {
                return new Done<>(Optional.empty());
            }
            Stored shown = cached instanceof Cached.Found found ? found.stored() : null;
            Envelope envelope = shown == null ? null : envelope(shown.value());
            return shown != null && envelope != null
                    ? found(stored(shown, envelope, shown.version()))
                    : new InStore<>(
                            store -> store.peek(key, lease),
                            row -> new Done<>(known(row).flatMap(found -> unused(found, lease))));
        });
    }

    private static Optional<Stored> unused(Stored row, Duration lease) {
        Envelope envelope = envelope(row.value());
        if (envelope == null) {
            return Optional.of(foreign(row));
        }
        return isOver(row, envelope, lease) ? Optional.empty() : Optional.of(row(row, envelope, lease, null));
    }

    // Renewing.

    /** @param proved whether the cache holds nothing older than what was read */
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

    private TierStep<Boolean> renewBehind(Key key, Duration lease, Stored stored, Envelope envelope) {
        return asked(renew(key, lease, stored, envelope, () -> found(stored)));
    }

    /** Nobody waits for it: a store that is away is asked again by a later request. */
    private static TierStep<Boolean> asked(TierStep<Optional<Stored>> step) {
        return then(step, found -> new Done<>(true));
    }

    /** Renews what the cache has shown, and so proves it; what the durable store does not hold is settled. */
    private TierStep<Optional<Stored>> renew(
            Key key, Duration lease, Stored shown, Envelope envelope, Supplier<TierStep<Optional<Stored>>> then) {
        Version version = durableVersion.apply(envelope);
        return new InStore<>(store -> store.renew(key, version, durableLease(envelope, lease)), answer -> {
            if (answer.unavailable() != null) {
                renewals.failed(key, lease);
                throw answer.unavailable();
            }
            if (Boolean.TRUE.equals(answer.value())) {
                renewals.done(key);
                return then.get();
            }
            renewals.forget(key);
            return settle(key, lease, shown, envelope);
        });
    }

    /** The cache has shown what the durable store does not hold: the row decides, unless it fell back to an older one. */
    private TierStep<Optional<Stored>> settle(Key key, Duration lease, Stored shown, Envelope envelope) {
        return new InStore<>(store -> store.peek(key, lease), answer -> {
            Stored row = known(answer).orElse(null);
            if (row == null) {
                return bury(key, Instant.ofEpochSecond(envelope.end()));
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
            return bring(
                    key,
                    durable,
                    lease,
                    brought -> brought.buried()
                            ? new Done<>(Optional.empty())
                            : found(row(row, durable, lease, brought.cached())));
        });
    }

    /** Gives back to a durable store what it has lost and the cache still has. */
    private TierStep<Optional<Stored>> restore(
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

    // Writing.

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
                        // claim caches it.
                        case INDEX -> new Done<>(Written.stored(new TierVersion(durable, null)));
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
                    new Behind<>(() -> end(key, Instant.EPOCH), () -> new Done<>(Written.not(Outcome.UNKNOWN)));
            };
        });
    }

    /** The cache has something under a key that the durable store did not know: the mark of an end goes before the row. */
    private TierStep<Written> taken(Key key, Duration lease, Version durable) {
        return new InCache<>(cache -> cache.see(key, lease), answer -> {
            Cached cached = answer.value() == null ? null : answer.value().orElse(null);
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
        return queue != null && envelope.kind().isSession() && version.cached() != null
                ? replaceBehind(queue, key, value, envelope, version, version.cached(), lease)
                : replace(key, value, version, lease, true);
    }

    /** Into the cache, and into the queue of the durable store; where either has no room for it, as without a queue. */
    private TierStep<Written> replaceBehind(
            TierQueue waiting,
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
                Written stored = Written.stored(new TierVersion(durableVersion.apply(envelope), version(answer)));
                return waiting.offer(key, change)
                        ? new Done<>(stored)
                        : then(store(key, change), there -> new Done<>(there ? stored : Written.not(Outcome.UNKNOWN)));
            } else if (outcome == Outcome.GONE) {
                TierVersion uncached = new TierVersion(seen.durable(), null);
                return then(drain(key), drained -> replace(key, value, uncached, lease, true));
            }
            return new Done<>(Written.not(outcome));
        });
    }

    /**
     * Gives the durable store the change that waits for it.
     *
     * @return false when it could not be reached, and the change goes on waiting
     */
    TierStep<Boolean> drain(Key key) {
        TierQueue waiting = Objects.requireNonNull(queue, "changes wait only in a queue");
        TierQueue.Pending change = waiting.get(key);
        if (change == null) {
            return new Done<>(true);
        }
        return then(store(key, change), there -> {
            if (!there) {
                return new Done<>(false);
            }
            waiting.done(key, change);
            // Where it was forgotten meanwhile, another process may have put the older row there.
            return bring(key, change.envelope(), change.lease(), brought -> {
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

    /** The row's lease may have ended while the store could not be renewed; the version still decides. */
    private TierStep<Written> gone(Key key, byte[] value, Envelope envelope, TierVersion seen, Duration lease) {
        return new InStore<>(
                store -> store.renew(key, seen.durable(), durableLease(envelope, lease)),
                answer -> known(answer) ? replace(key, value, seen, lease, false) : gone(key, envelope));
    }

    private TierStep<Written> gone(Key key, Envelope envelope) {
        return then(bury(key, Instant.ofEpochSecond(envelope.end())), none -> new Done<>(Written.not(Outcome.GONE)));
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
                Cached cached = shown.value() == null ? null : shown.value().orElse(null);
                if (!(cached instanceof Cached.Found found) || !isVersion(found.stored(), seen)) {
                    return new Done<>(conflict);
                }
                return then(
                        restore(key, lease, found.stored(), row, () -> found(found.stored())),
                        restored -> replace(key, value, seen, lease, false));
            });
        });
    }

    private boolean isVersion(Stored stored, TierVersion seen) {
        Envelope envelope = envelope(stored.value());
        return envelope != null && durableVersion.apply(envelope).equals(seen.durable());
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
        return bring(key, envelope, lease, brought -> {
            if (brought.buried()) {
                // Its end is on the way to the row, which has this write by now; another may have moved it on from
                // there.
                return new Done<>(Written.not(Outcome.UNKNOWN));
            }
            return brought.reached()
                    ? new Done<>(Written.stored(new TierVersion(durable, brought.cached())))
                    : new Done<>(degraded(key, envelope, lease, durable));
        });
    }

    private Written degraded(Key key, Envelope envelope, Duration lease, Version durable) {
        hints.add(key, envelope, lease);
        return new Written(Outcome.STORED, new TierVersion(durable, null), true);
    }

    // Ending.

    /**
     * The row first: a cache that is restarted forgets the mark, and a claim of that moment would bring back the row while it
     * is being deleted. A claim from before the mark is dead with it, and one from after it finds no row.
     */
    TierStep<Boolean> end(Key key, Instant until) {
        renewals.forget(key);
        if (queue != null) {
            queue.drop(key);
        }
        return new InStore<>(
                store -> store.end(key, until),
                ended -> new InCache<>(
                        cache -> cache.bury(key, until),
                        buried ->
                                new Done<>(Boolean.TRUE.equals(buried.value()) && Boolean.TRUE.equals(ended.value()))));
    }

    /** Only the row can tell whether the version is still there; once it is not, the cache gets the mark. */
    TierStep<Outcome> end(Key key, Version seen, Instant until) {
        if (!(seen instanceof TierVersion version)) {
            return new Done<>(Outcome.CONFLICT);
        }
        if (queue != null && version.cached() != null) {
            return endBehind(key, version.cached(), until);
        }
        return new InStore<>(store -> store.end(key, version.durable(), until), answer -> {
            Outcome outcome = answer.value() == null ? Outcome.UNKNOWN : answer.value();
            Version cached = version.cached();
            if (outcome == Outcome.GONE) {
                renewals.forget(key);
                return new InCache<>(
                        cache -> cache.bury(key, until),
                        buried -> new Done<>(Boolean.TRUE.equals(buried.value()) ? Outcome.GONE : Outcome.UNKNOWN));
            } else if (outcome == Outcome.UNKNOWN && cached != null) {
                // Not confirmed, but nobody else need see the session meanwhile.
                return new InCache<>(
                        cache -> cache.replace(key, Envelope.tomb(until).bytes(), cached, rest(until)),
                        any -> new Done<>(outcome));
            }
            return new Done<>(outcome);
        });
    }

    /** Where changes wait, the cache can tell whether the version is still there, and the row cannot. */
    private TierStep<Outcome> endBehind(Key key, Version cached, Instant until) {
        return new InCache<>(cache -> cache.replace(key, Envelope.tomb(until).bytes(), cached, rest(until)), buried -> {
            Outcome outcome =
                    buried.value() == null ? Outcome.UNKNOWN : buried.value().outcome();
            return outcome == Outcome.STORED || outcome == Outcome.GONE
                    ? then(end(key, until), ended -> new Done<>(ended ? Outcome.GONE : Outcome.UNKNOWN))
                    : new Done<>(outcome == Outcome.CONFLICT ? Outcome.CONFLICT : Outcome.UNKNOWN);
        });
    }

    private Duration rest(Instant until) {
        Duration rest = Duration.between(clock.instant(), until).plus(SLACK);
        return rest.compareTo(SLACK) > 0 ? rest : SLACK;
    }

    /**
     * Ends what has expired in the durable store, unless the cache knows better.
     *
     * @return whether this call has ended it
     */
    TierStep<Boolean> sweep(DurableSessionStore.Expired expired) {
        Key key = expired.key();
        return new InCache<>(cache -> cache.see(key, SLACK), answer -> {
            if (answer.value() == null) {
                return new Done<>(false);
            }
            Cached cached = answer.value().orElse(null);
            Envelope envelope = cached instanceof Cached.Found found
                    ? envelope(found.stored().value())
                    : null;
            if (envelope != null && !envelope.kind().isTerminal()) {
                Duration lease = LeaseClass.values()[envelope.leaseClass()].lease();
                return new InStore<>(
                        store -> store.renew(key, durableVersion.apply(envelope), durableLease(envelope, lease)),
                        renewed -> new Done<>(false));
            }
            return new InStore<>(store -> store.sweep(expired), swept -> {
                boolean ended = Boolean.TRUE.equals(swept.value());
                if (ended && cached instanceof Cached.Claimed claimed) {
                    return drop(key, claimed.claim(), () -> new Done<>(true));
                }
                return new Done<>(ended);
            });
        });
    }

    // Bringing the cache to the row.

    /** Delivers a hint. */
    TierStep<Boolean> repair(Key key) {
        TierHints.Hint hint = hints.get(key);
        if (hint == null) {
            return new Done<>(true);
        }
        return bring(key, hint.durable(), hint.lease(), brought -> {
            if (brought.reached()) {
                hints.delivered(key, hint);
            }
            return new Done<>(brought.reached());
        });
    }

    /**
     * What the cache has after it was brought to a row.
     *
     * @param reached false when it may still hold something older
     * @param buried there is the mark of an end, which goes before any row
     * @param cached its version of that very state, where it holds it
     */
    private record Brought(
            boolean reached, boolean buried, @Nullable Version cached) {
        static final Brought AWAY = new Brought(false, false, null);
        static final Brought NOTHING = new Brought(true, false, null);
    }

    /** Deletes from the cache what is older than this; a refill comes by a later claim alone. */
    private <R> TierStep<R> bring(Key key, Envelope durable, Duration lease, Function<Brought, TierStep<R>> then) {
        return bring(key, durable, lease, 1, then);
    }

    private <R> TierStep<R> bring(
            Key key, Envelope durable, Duration lease, int tries, Function<Brought, TierStep<R>> then) {
        return new InCache<>(cache -> cache.see(key, lease), answer -> {
            if (answer.value() == null || tries > TRIES) {
                return then.apply(Brought.AWAY);
            }
            Cached cached = answer.value().orElse(null);
            if (cached == null) {
                return then.apply(Brought.NOTHING);
            } else if (cached instanceof Cached.Buried) {
                return then.apply(new Brought(true, true, null));
            }
            Version version;
            if (cached instanceof Cached.Found found) {
                version = found.stored().version();
                Envelope there = envelope(found.stored().value());
                if (there != null && isSame(there, durable)) {
                    return then.apply(new Brought(true, false, version));
                } else if (there != null && there.version() > durable.version()) {
                    return then.apply(Brought.NOTHING);
                }
            } else {
                version = ((Cached.Claimed) cached).claim();
            }
            return new InCache<>(cache -> cache.end(key, version, Instant.EPOCH), ended -> {
                Outcome outcome = ended.value() == null ? Outcome.UNKNOWN : ended.value();
                return switch (outcome) {
                    case GONE -> then.apply(Brought.NOTHING);
                    case CONFLICT -> bring(key, durable, lease, tries + 1, then);
                    case STORED, EXISTS, UNKNOWN -> then.apply(Brought.AWAY);
                };
            });
        });
    }

    private <R> TierStep<R> drop(Key key, Version cached, Supplier<TierStep<R>> then) {
        return new InCache<>(cache -> cache.end(key, cached, Instant.EPOCH), any -> then.get());
    }

    /** The durable store holds nothing. */
    private TierStep<Optional<Stored>> bury(Key key, Instant until) {
        renewals.forget(key);
        return new InCache<>(cache -> cache.bury(key, until), any -> new Done<>(Optional.empty()));
    }

    // Small things.

    private static TierStep<Optional<Stored>> found(Stored stored) {
        return new Done<>(Optional.of(stored));
    }

    private Stored stored(Stored shown, Envelope envelope, Version cached) {
        return new Stored(shown.value(), new TierVersion(durableVersion.apply(envelope), cached), shown.idleFor());
    }

    /** What is no value of ours, for the manager to judge. */
    private static Stored foreign(Stored row) {
        return new Stored(row.value(), new TierVersion(row.version(), null), row.idleFor());
    }

    /** The row lives longer than the session, whose last use it may not know. */
    private static boolean isOver(Stored row, Envelope envelope, Duration lease) {
        return !envelope.kind().isTerminal() && row.idleFor().compareTo(lease.plus(lease.dividedBy(4))) >= 0;
    }

    /** A row's last use is known to a quarter of its lease, which favours the user. */
    private static Stored row(Stored row, Envelope envelope, Duration lease, @Nullable Version cached) {
        Duration idle = row.idleFor().minus(lease.dividedBy(4));
        boolean terminal = envelope.kind().isTerminal();
        return new Stored(
                row.value(),
                new TierVersion(row.version(), cached),
                terminal ? row.idleFor() : idle.isNegative() ? Duration.ZERO : idle);
    }

    /** A row lives for a quarter longer, since it hears of a use only then. */
    private static Duration durableLease(Envelope envelope, Duration lease) {
        return envelope.kind().isTerminal()
                ? lease
                : lease.plus(lease.dividedBy(4)).plus(SLACK);
    }

    private Duration cacheLease(Envelope envelope, Duration lease) {
        if (!envelope.kind().isTerminal()) {
            return lease;
        }
        Duration rest = Duration.between(clock.instant(), Instant.ofEpochSecond(envelope.end()));
        Duration shorter = rest.compareTo(lease) < 0 ? rest : lease;
        return shorter.compareTo(SLACK) < 0 ? SLACK : shorter;
    }

    private static boolean isSame(Envelope one, Envelope other) {
        return one.version() == other.version() && one.newestWrite() == other.newestWrite();
    }

    private static @Nullable Envelope envelope(byte[] value) {
        try {
            return Envelope.of(value);
        } catch (IllegalArgumentException notOurs) {
            return null;
        }
    }

    private static <T> T known(Step.Answer<T> answer) {
        if (answer.unavailable() != null) {
            throw answer.unavailable();
        }
        return Objects.requireNonNull(answer.value(), "an answer");
    }

    private static Version stored(Written written) {
        return Objects.requireNonNull(written.version(), "STORED has a version");
    }

    private static @Nullable Version version(Step.Answer<Written> answer) {
        Written written = answer.value();
        return written != null && written.outcome() == Outcome.STORED ? written.version() : null;
    }

    /** Goes on with what a step ends in. */
    @SuppressWarnings("unchecked")
    private static <A, B> TierStep<B> then(TierStep<A> step, Function<A, TierStep<B>> next) {
        if (step instanceof Done<A> done) {
            return next.apply(done.result());
        } else if (step instanceof InCache<?, A> call) {
            return after((InCache<Object, A>) call, next);
        } else if (step instanceof InStore<?, A> call) {
            return after((InStore<Object, A>) call, next);
        } else if (step instanceof Pause<A> pause) {
            return new Pause<>(pause.duration(), () -> then(pause.then().get(), next));
        } else if (step instanceof Behind<A> behind) {
            return new Behind<>(behind.work(), () -> then(behind.then().get(), next));
        }
        throw new IllegalStateException("No step: " + step);
    }

    private static <T, A, B> TierStep<B> after(InCache<T, A> call, Function<A, TierStep<B>> next) {
        return new InCache<>(call.call(), answer -> then(call.then().apply(answer), next));
    }

    private static <T, A, B> TierStep<B> after(InStore<T, A> call, Function<A, TierStep<B>> next) {
        return new InStore<>(call.call(), answer -> then(call.then().apply(answer), next));
    }
}
