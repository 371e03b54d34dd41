package dev.coatcheck;

import static dev.coatcheck.TierValues.durableLease;
import static dev.coatcheck.TierValues.envelope;

import dev.coatcheck.SessionCache.Cached;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.TierStep.Done;
import dev.coatcheck.TierStep.InCache;
import dev.coatcheck.TierStep.InStore;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Ends keys in two tiers, for good. */
final class TierEnds {
    private final TierValues values;
    private final TierRenewals renewals;
    private final TierRepair repair;
    private final @Nullable TierWaiting waiting;

    TierEnds(TierValues values, TierRenewals renewals, TierRepair repair, @Nullable TierWaiting waiting) {
        this.values = values;
        this.renewals = renewals;
        this.repair = repair;
        this.waiting = waiting;
    }

    /**
     * The row first: a cache that is restarted forgets the mark, and a claim of that moment would bring back the row while it
     * is being deleted. A claim from before the mark is dead with it, and one from after it finds no row.
     */
    TierStep<Boolean> end(Key key, Instant until) {
        renewals.forget(key);
        if (waiting != null) {
            waiting.drop(key);
        }
        return new InStore<>(
                store -> store.end(key, until),
                ended -> new InCache<>(
                        cache -> mark(cache, key, until),
                        buried ->
                                new Done<>(Boolean.TRUE.equals(buried.value()) && Boolean.TRUE.equals(ended.value()))));
    }

    /** The mark lasts until then; an end for now alone leaves none. */
    private boolean mark(SessionCache cache, Key key, Instant until) {
        return until.isAfter(values.clock().instant()) ? cache.bury(key, until) : cache.end(key, until);
    }

    /** Only the row can tell whether the version is still there; once it is not, the cache gets the mark. */
    TierStep<Outcome> end(Key key, Version seen, Instant until) {
        if (!(seen instanceof TierVersion version)) {
            return new Done<>(Outcome.CONFLICT);
        }
        if (waiting != null && version.cached() != null) {
            return endBehind(key, version.cached(), until);
        }
        return new InStore<>(store -> store.end(key, version.durable(), until), answer -> {
            Outcome outcome = answer.value() == null ? Outcome.UNKNOWN : answer.value();
            Version cached = version.cached();
            if (outcome == Outcome.GONE) {
                renewals.forget(key);
                return new InCache<>(
                        cache -> mark(cache, key, until),
                        buried -> new Done<>(Boolean.TRUE.equals(buried.value()) ? Outcome.GONE : Outcome.UNKNOWN));
            } else if (outcome == Outcome.UNKNOWN && cached != null) {
                // Not confirmed, but nobody else need see the session meanwhile.
                return new InCache<>(
                        cache -> cache.replace(key, Envelope.tomb(until).bytes(), cached, values.rest(until)),
                        any -> new Done<>(outcome));
            }
            return new Done<>(outcome);
        });
    }

    /** Where changes wait, the cache can tell whether the version is still there, and the row cannot. */
    private TierStep<Outcome> endBehind(Key key, Version cached, Instant until) {
        return new InCache<>(
                cache -> cache.replace(key, Envelope.tomb(until).bytes(), cached, values.rest(until)), buried -> {
                    Outcome outcome = buried.value() == null
                            ? Outcome.UNKNOWN
                            : buried.value().outcome();
                    return outcome == Outcome.STORED || outcome == Outcome.GONE
                            ? end(key, until).then(ended -> new Done<>(ended ? Outcome.GONE : Outcome.UNKNOWN))
                            : new Done<>(outcome == Outcome.CONFLICT ? Outcome.CONFLICT : Outcome.UNKNOWN);
                });
    }

    /**
     * Ends what has expired in the durable store, unless the cache knows better.
     *
     * @return whether this call has ended it
     */
    TierStep<Boolean> sweep(DurableSessionStore.Expired expired) {
        Key key = expired.key();
        return new InCache<>(cache -> cache.see(key, TierValues.SLACK), answer -> {
            if (answer.value() == null) {
                return new Done<>(false);
            }
            Cached cached = answer.value().orElse(null);
            Envelope envelope = cached instanceof Cached.Found found
                    ? envelope(found.stored().value())
                    : null;
            if (envelope != null && !envelope.kind().isTerminal() && LeaseClass.isNumber(envelope.leaseClass())) {
                Duration lease = LeaseClass.of(envelope.leaseClass()).lease();
                return new InStore<>(
                        store -> store.renew(key, values.version(envelope), durableLease(envelope, lease)),
                        renewed -> new Done<>(false));
            }
            return new InStore<>(store -> store.sweep(expired), swept -> {
                boolean ended = Boolean.TRUE.equals(swept.value());
                if (ended && cached instanceof Cached.Claimed claimed) {
                    return repair.drop(key, claimed.claim(), () -> new Done<>(true));
                }
                return new Done<>(ended);
            });
        });
    }
}
