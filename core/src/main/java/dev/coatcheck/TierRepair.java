package dev.coatcheck;

import static dev.coatcheck.TierValues.envelope;
import static dev.coatcheck.TierValues.isSame;

import dev.coatcheck.SessionCache.Cached;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.TierStep.Done;
import dev.coatcheck.TierStep.InCache;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Brings the cache to what the durable store holds: by deleting what is older, never by filling. */
final class TierRepair {
    /** After so many changes of the cache under its hands a call leaves the rest to a later repair. */
    private static final int TRIES = 8;

    private final TierRenewals renewals;
    private final TierHints hints;

    TierRepair(TierRenewals renewals, TierHints hints) {
        this.renewals = renewals;
        this.hints = hints;
    }

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
     * @param cached that very state, where it holds it, with what is for a cache alone
     */
    record Brought(
            boolean reached, boolean buried, @Nullable Stored cached) {
        static final Brought AWAY = new Brought(false, false, null);
        static final Brought NOTHING = new Brought(true, false, null);

        @Nullable
        Version version() {
            return cached == null ? null : cached.version();
        }
    }

    /** Deletes from the cache what is older than this; a refill comes by a later claim alone. */
    <R> TierStep<R> bring(Key key, Envelope durable, Duration lease, Function<Brought, TierStep<R>> then) {
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
                    return then.apply(new Brought(true, false, found.stored()));
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

    <R> TierStep<R> drop(Key key, Version cached, Supplier<TierStep<R>> then) {
        return new InCache<>(cache -> cache.end(key, cached, Instant.EPOCH), any -> then.get());
    }

    /** The durable store holds nothing; the cache is brought to that. */
    TierStep<Optional<Stored>> none(Key key, Duration lease) {
        return new InCache<>(cache -> cache.see(key, lease), answer -> {
            Cached cached = TierValues.cached(answer);
            if (cached instanceof Cached.Claimed claimed) {
                return drop(key, claimed.claim(), () -> new Done<>(Optional.empty()));
            } else if (cached instanceof Cached.Found found) {
                Envelope envelope = envelope(found.stored().value());
                return envelope == null
                        ? drop(key, found.stored().version(), () -> new Done<>(Optional.empty()))
                        : none(key, envelope);
            }
            return new Done<>(Optional.empty());
        });
    }

    /** As {@link #none(Key, Duration)}, of a key whose value was seen in the cache. */
    TierStep<Optional<Stored>> none(Key key, Envelope seen) {
        renewals.forget(key);
        boolean usedAgain = seen.kind() == Envelope.Kind.INDEX; // a mark would keep the next one out
        return new InCache<>(
                cache -> usedAgain ? cache.end(key, Instant.EPOCH) : cache.bury(key, Instant.ofEpochSecond(seen.end())),
                any -> new Done<>(Optional.empty()));
    }
}
