package dev.coatcheck.store.appengine;

import dev.coatcheck.DurableSessionStore;
import dev.coatcheck.Envelope;
import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.StoreHealth;
import dev.coatcheck.store.appengine.Transactions.Before;
import dev.coatcheck.store.appengine.Transactions.Decision;
import dev.coatcheck.store.appengine.Transactions.Next;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Keeps sessions in App Engine's Datastore, or in Firestore in Datastore mode, each in an entity of its own. Its URL is {@code appengine:datastore}; behind
 * memcache it is {@code appengine:}. docs/appengine.md has the options, and how entities that have expired are deleted.
 *
 * <p>A read is one call. A change is a transaction of four, which is tried again where another one is in the way, and whose lost answer is found out by reading
 * again. A lease is renewed after a quarter of it, so an entity lives a quarter longer than asked.
 *
 * <p>Safe for use by many threads, each of which must be one that App Engine serves: that of a request, or made by {@code ThreadManager}. Holds no lock.
 */
public final class DatastoreSessionStore implements DurableSessionStore {
    /** How long a call takes at most, by default. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(2);

    /** The kind of the entities, by default. */
    public static final String DEFAULT_KIND = "CoatcheckSession";

    /** The largest value: an entity has room for 1 MiB, key and all. */
    public static final int MAX_VALUE_BYTES = ServiceState.MAX_VALUE_BYTES;

    private final Datastore datastore;
    private final Duration timeout;
    private final Clock clock;
    private final ServiceState service = new ServiceState("Datastore");
    private final Transactions transactions;

    /**
     * A store in one namespace, for what a URL cannot say. Nothing is called yet.
     *
     * @param timeout how long a call takes at most: 10 ms to 60 s
     * @param namespace of Datastore, whatever that of a request is; empty for the one without a name
     * @param kind of the entities: a letter, then up to 99 letters, digits and _
     * @param clock that leases are counted by
     * @throws IllegalArgumentException when the timeout, the namespace or the kind is not accepted
     */
    public DatastoreSessionStore(Duration timeout, String namespace, String kind, Clock clock) {
        this.timeout = AppEngineUrl.checkedTimeout("timeout", timeout);
        this.datastore = new Datastore(AppEngineUrl.checkedKind(kind), AppEngineUrl.checkedNamespace(namespace));
        this.transactions = new Transactions(datastore, service);
        this.clock = clock;
    }

    /** What has expired is not there. */
    @Override
    public Optional<Stored> load(Key key, Duration lease) {
        Instant now = clock.instant();
        return row(key, now).map(row -> {
            Envelope envelope = row.envelope();
            return new Stored(
                    row.content(),
                    row.version(),
                    Leases.idle(envelope, row.accessedAt(), lease, now),
                    Leases.isDue(envelope, row.accessedAt(), lease, now));
        });
    }

    /** The idle time is as long as the entity knows of no use, a quarter of a lease too long at most. */
    @Override
    public Optional<Stored> peek(Key key, Duration lease) {
        Instant now = clock.instant();
        return row(key, now).map(row -> new Stored(row.content(), row.version(), Leases.since(row.accessedAt(), now)));
    }

    private Optional<Row> row(Key key, Instant now) {
        service.mustBeOpen();
        try {
            return Optional.ofNullable(datastore.get(null, key, Deadline.in(timeout)))
                    .filter(row -> !row.isExpired(now));
        } catch (ApiFailure e) {
            throw service.unavailable(e);
        }
    }

    @Override
    public Written create(Key key, byte[] value, Duration lease) {
        Envelope envelope = ServiceState.checked(value);
        Instant now = clock.instant();
        Row made = Row.of(value.clone(), envelope, now, Leases.end(envelope, lease, now));
        return written(key, made, (row, before) -> {
            if (row == null || row.isExpired(now)) {
                // It may have been there, and be ended by now: it does not come back.
                return before.isNothing() ? Next.put(made) : Next.done(Outcome.UNKNOWN);
            }
            boolean ours = !before.isNothing() && row.contains(made.version());
            return Next.done(ours ? Outcome.STORED : Outcome.EXISTS);
        });
    }

    @Override
    public Written replace(Key key, byte[] value, Version seen, Duration lease) {
        Envelope envelope = ServiceState.checked(value);
        Instant now = clock.instant();
        Row made = Row.of(value.clone(), envelope, now, Leases.end(envelope, lease, now));
        return written(key, made, (row, before) -> {
            if (!before.isNothing() && row != null && row.contains(made.version())) {
                return Next.done(Outcome.STORED);
            } else if (row == null || row.isExpired(now)) {
                return Next.done(Outcome.GONE);
            } else if (row.version().equals(seen)) {
                return Next.put(made);
            }
            // What still knows of the state that was seen would know of a write that came next.
            boolean tells = seen instanceof DatastoreVersion state && row.contains(state);
            return Next.done(before == Before.UNSURE && !tells ? Outcome.UNKNOWN : Outcome.CONFLICT);
        });
    }

    private Outcome change(Key key, Decision decision) {
        service.mustBeOpen();
        return transactions.change(key, Deadline.in(timeout), decision);
    }

    private Written written(Key key, Row made, Decision decision) {
        try {
            Outcome outcome = change(key, decision);
            return outcome == Outcome.STORED ? Written.stored(made.version()) : Written.not(outcome);
        } catch (ApiFailure e) {
            service.failed(key, e);
            throw service.unavailable(e);
        }
    }

    /** Deletes it, and ignores the time. */
    @Override
    public boolean end(Key key, Instant until) {
        service.mustBeOpen();
        return service.twice(key, Deadline.in(timeout), left -> datastore.delete(null, key, left));
    }

    /** Deletes it, and ignores the time. */
    @Override
    public Outcome end(Key key, Version seen, Instant until) {
        Instant now = clock.instant();
        try {
            return change(key, (row, before) -> {
                if (row == null || row.isExpired(now)) {
                    return Next.done(Outcome.GONE);
                }
                return row.version().equals(seen) ? Next.delete() : Next.done(Outcome.CONFLICT);
            });
        } catch (ApiFailure e) {
            service.failed(key, e);
            return Outcome.UNKNOWN;
        }
    }

    @Override
    public Version version(Envelope envelope) {
        return DatastoreVersion.of(envelope);
    }

    /** {@inheritDoc} A transaction. */
    @Override
    public boolean renew(Key key, Version seen, Duration lease) {
        Instant now = clock.instant();
        return done(
                key,
                (row, before) -> {
                    Envelope envelope = row == null ? null : row.envelope();
                    return row != null && envelope != null && row.version().equals(seen)
                            ? Next.put(row.renewed(now, Leases.end(envelope, lease, now)))
                            : Next.done(Outcome.GONE);
                },
                Outcome.STORED);
    }

    /** Whether a change had this outcome. */
    private boolean done(Key key, Decision decision, Outcome wanted) {
        Outcome outcome;
        try {
            outcome = change(key, decision);
        } catch (ApiFailure e) {
            service.failed(key, e);
            throw service.unavailable(e);
        }
        if (outcome == Outcome.UNKNOWN) {
            throw service.unavailable(ApiFailure.unanswered());
        }
        return outcome == wanted;
    }

    /**
     * {@inheritDoc} One query of keys, which may not know of what changed in the last moments; so it is each one's time that decides when it is swept.
     *
     * @throws SessionUnavailableException when Datastore cannot say
     */
    @Override
    public List<Expired> expired(int limit) {
        service.mustBeOpen();
        try {
            return datastore.expired(clock.instant(), limit, Deadline.in(timeout)).stream()
                    .map(key -> new Expired(key, DatastoreVersion.EXPIRED))
                    .toList();
        } catch (ApiFailure e) {
            throw service.unavailable(e);
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws SessionUnavailableException when it is not known; then it may be deleted, and no caller got true
     */
    @Override
    public boolean sweep(Expired expired) {
        Instant now = clock.instant();
        return done(
                expired.key(),
                (row, before) -> {
                    if (row != null && row.isExpired(now)) {
                        return Next.delete();
                    }
                    return Next.done(before == Before.UNSURE ? Outcome.UNKNOWN : Outcome.CONFLICT);
                },
                Outcome.GONE);
    }

    /** True. No manager sweeps it then: a policy of Datastore's own does, or a request of a cron job that calls {@link #sweep(int)}. */
    @Override
    public boolean needsRequestThread() {
        return true;
    }

    /** True: a key ring is required. */
    @Override
    public boolean leavesProcess() {
        return true;
    }

    /** {@link #MAX_VALUE_BYTES}. */
    @Override
    public int maxValueBytes() {
        return MAX_VALUE_BYTES;
    }

    /** Whether it answers, by a look for a key that nobody has, and whether the last write was refused. One call. */
    @Override
    public StoreHealth health() {
        return service.health(() -> {
            var ignored = datastore.get(null, Key.of("health".repeat(5) + "--"), Deadline.in(timeout));
            return Map.of();
        });
    }

    @Override
    public void report(BiConsumer<SessionEvent.Kind, Key> receiver) {
        service.report(receiver);
    }

    /** What is stored stays. */
    @Override
    public void close() {
        service.close();
    }

    /** The name alone. */
    @Override
    public String toString() {
        return "DatastoreSessionStore";
    }
}
