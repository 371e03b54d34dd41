package dev.coatcheck.store.appengine;

import com.google.appengine.api.memcache.Expiration;
import com.google.appengine.api.memcache.MemcacheService.IdentifiableValue;
import com.google.appengine.api.memcache.Stats;
import dev.coatcheck.Envelope;
import dev.coatcheck.SessionCache;
import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionStoreProvider;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.StoreHealth;
import dev.coatcheck.StoreHealth.Part;
import dev.coatcheck.store.appengine.ApiFailure.Fate;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps sessions in App Engine's memcache. Its URL is {@code appengine:memcache}; {@code appengine:} is this in front of a
 * {@link DatastoreSessionStore}. docs/appengine.md has the options.
 *
 * <p>A read is one call. It does not renew the lease, which no call of the service could do together: once a quarter of it has passed, the value is
 * {@linkplain SessionStore.Stored#renewalDue due}, and the manager stores it again at the end of the request, one call more. A value lives a quarter
 * longer than its lease, so that none ends too soon.
 *
 * <p>memcache forgets: when it needs the room, when it is flushed, whenever its servers move. Such sessions are over. An outage is never "no session": it
 * is {@link SessionUnavailableException}, and a write whose answer was lost is {@link Outcome#UNKNOWN}.
 *
 * <p>Safe for use by many threads, each of which must be one that App Engine serves: that of a request, or made by {@code ThreadManager}. Holds no lock.
 */
public final class AppEngineSessionStore implements SessionCache {
    /** How long a call takes at most, by default. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofMillis(250);

    /** The largest value: memcache has room for 1 MiB, key and all. */
    public static final int MAX_VALUE_BYTES = 1_000_000;

    private static final String SERVICE = "memcache";

    /** Longer than any query of a durable store should take, and short when its caller died. */
    private static final Duration CLAIM = Duration.ofSeconds(5);

    /** After so many looks at nothing, in whose place nothing can be put, an end keeps claims away. */
    private static final int CLAIMS = 3;

    /** No request lasts longer, so no create of this key is on its way any more. */
    private static final Duration LONGEST_NO_ADD = Duration.ofDays(1);

    /** No clock is so far behind. */
    private static final Duration LONG_AGO = Duration.ofDays(1);

    /** After a call has failed, absences are not remembered for this long. */
    private static final Duration UNSETTLED = Duration.ofSeconds(10);

    /** After so many renewals under its hands a write gives up. */
    private static final int TRIES = 8;

    private final Memcache memcache;
    private final Duration timeout;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private volatile BiConsumer<SessionEvent.Kind, Key> receiver = (kind, key) -> {};
    private volatile boolean refusesWrites;
    private volatile boolean closed;

    /**
     * A store in one namespace, for what a URL cannot say. Nothing is called yet.
     *
     * @param timeout how long a call takes at most: 10 ms to 60 s
     * @param namespace of memcache, whatever that of a request is; empty for the one without a name
     * @param clock that leases are counted by
     * @throws IllegalArgumentException when the timeout or the namespace is not accepted
     */
    public AppEngineSessionStore(Duration timeout, String namespace, Clock clock) {
        this.timeout = AppEngineUrl.checkedTimeout("timeout", timeout);
        this.memcache = new Memcache(AppEngineUrl.checkedNamespace(namespace));
        this.clock = clock;
    }

    @Override
    public Optional<Stored> load(Key key, Duration lease) {
        return value(read(key, deadline()), lease);
    }

    /** As {@link #load}, which renews nothing either. */
    @Override
    public Optional<Stored> peek(Key key, Duration lease) {
        return load(key, lease);
    }

    @Override
    public Optional<Cached> see(Key key, Duration lease) {
        return Optional.ofNullable(read(key, deadline())).map(item -> cached(item, lease));
    }

    /** {@inheritDoc} Where nothing is, a second round trip. */
    @Override
    public Cached claim(Key key, Duration lease) {
        Deadline deadline = deadline();
        long token = random.nextLong() | 1;
        for (int tries = 0; tries < CLAIMS; tries++) {
            CacheItem item = read(key, deadline);
            if (item != null) {
                return cached(item, lease);
            }
            Instant now = clock.instant();
            try {
                if (memcache.add(key, CacheItem.claim(token, now), Leases.at(now.plus(CLAIM)), deadline)) {
                    break;
                }
            } catch (ApiFailure e) {
                throw e.unavailable(SERVICE);
            }
        }
        // Left there, or kept away by an end: then nobody will fill its place.
        return new Cached.Claimed(new CacheVersion(0, token, null), true);
    }

    private @Nullable CacheItem read(Key key, Deadline deadline) {
        mustBeOpen();
        try {
            return memcache.get(key, deadline);
        } catch (ApiFailure e) {
            throw e.unavailable(SERVICE);
        }
    }

    private Cached cached(CacheItem item, Duration lease) {
        return switch (item.kind()) {
            case MARK -> new Cached.Buried();
            case CLAIM -> new Cached.Claimed(item.version(), false);
            case VALUE, FOREIGN -> new Cached.Found(stored(item, lease));
        };
    }

    /** To callers that make no claims, one is a value that is none of theirs. */
    private Optional<Stored> value(@Nullable CacheItem item, Duration lease) {
        if (item == null || item.kind() == CacheItem.Kind.MARK) {
            return Optional.empty();
        }
        return Optional.of(
                item.kind() == CacheItem.Kind.CLAIM
                        ? new Stored(new byte[0], item.version(), Duration.ZERO)
                        : stored(item, lease));
    }

    private Stored stored(CacheItem item, Duration lease) {
        Instant now = clock.instant();
        Envelope envelope = item.envelope();
        return new Stored(
                item.content(),
                item.version(),
                Leases.idle(envelope, item.usedAt(), lease, now),
                Leases.isDue(envelope, item.usedAt(), lease, now));
    }

    @Override
    public Written create(Key key, byte[] value, Duration lease) {
        mustBeOpen();
        Envelope envelope = checked(value);
        Instant now = clock.instant();
        byte[] bytes = CacheItem.bytes(value, envelope, now);
        Expiration until = Leases.at(Leases.end(envelope, lease, now));
        try {
            boolean stored = memcache.add(key, bytes, until, deadline());
            refusesWrites = false;
            return stored ? Written.stored(CacheVersion.of(envelope)) : Written.not(Outcome.EXISTS);
        } catch (ApiFailure e) {
            return Written.not(unknown(key, e));
        }
    }

    /** {@inheritDoc} Two more where the state that was seen is not known, as after a write, or was renewed meanwhile. */
    @Override
    public Written replace(Key key, byte[] value, Version seen, Duration lease) {
        mustBeOpen();
        Envelope envelope = checked(value);
        if (!(seen instanceof CacheVersion version)) {
            return Written.not(Outcome.CONFLICT);
        }
        Instant now = clock.instant();
        byte[] bytes = CacheItem.bytes(value, envelope, now);
        Expiration until = Leases.at(Leases.end(envelope, lease, now));
        try {
            Outcome outcome = swap(key, version, bytes, until, deadline());
            return outcome == Outcome.STORED ? Written.stored(CacheVersion.of(envelope)) : Written.not(outcome);
        } catch (ApiFailure e) {
            return Written.not(unknown(key, e));
        }
    }

    private static Envelope checked(byte[] value) {
        if (value.length > MAX_VALUE_BYTES) {
            throw new IllegalArgumentException(
                    "A value of " + value.length + " bytes; " + MAX_VALUE_BYTES + " are allowed");
        }
        return Envelope.of(value);
    }

    /** What became of a write that failed, unless it is certain that nothing did. */
    private Outcome unknown(Key key, ApiFailure e) {
        refused(key, e);
        if (e.isCertain()) {
            throw e.unavailable(SERVICE);
        }
        return Outcome.UNKNOWN;
    }

    private void refused(Key key, ApiFailure e) {
        if (e.fate() == Fate.REFUSED) {
            refusesWrites = true;
            receiver.accept(SessionEvent.Kind.DEGRADED, key);
        }
    }

    /** Puts something in the place of the state that was seen, renewed or not. */
    private Outcome swap(Key key, CacheVersion seen, byte[] bytes, Expiration until, Deadline deadline) {
        IdentifiableValue state = seen.seen();
        for (int tries = 0; tries < TRIES; tries++) {
            if (state != null && memcache.replace(key, state, bytes, until, deadline)) {
                refusesWrites = false;
                return Outcome.STORED;
            }
            CacheItem item = lookAgain(key, deadline);
            if (item == null || item.kind() == CacheItem.Kind.MARK) {
                return Outcome.GONE;
            }
            state = item.version().seen();
            if (!item.version().isSame(seen)) {
                return Outcome.CONFLICT;
            }
        }
        return Outcome.CONFLICT;
    }

    /** Before anything was stored, and so certain that nothing was. */
    private @Nullable CacheItem lookAgain(Key key, Deadline deadline) {
        try {
            return memcache.get(key, deadline);
        } catch (ApiFailure e) {
            throw e.unavailable(SERVICE);
        }
    }

    /** One call, and two more where the value was renewed or changed meanwhile. */
    @Override
    public boolean renew(Key key, Version seen, Duration lease) {
        mustBeOpen();
        if (!(seen instanceof CacheVersion version)) {
            return false;
        }
        Deadline deadline = deadline();
        IdentifiableValue state = version.seen();
        try {
            CacheItem item = state == null ? memcache.get(key, deadline) : CacheItem.of(state);
            for (int tries = 0; tries < TRIES; tries++) {
                Envelope envelope = item == null ? null : item.envelope();
                if (item == null || envelope == null || !item.version().isSame(version)) {
                    return false;
                }
                Instant now = clock.instant();
                state = item.version().seen();
                boolean others = tries > 0 && !Leases.isDue(envelope, item.usedAt(), lease, now);
                if (others || state == null) {
                    return others;
                }
                Expiration until = Leases.at(Leases.end(envelope, lease, now));
                if (memcache.replace(key, state, item.renewed(now), until, deadline)) {
                    return true;
                }
                item = memcache.get(key, deadline);
            }
        } catch (ApiFailure e) {
            refused(key, e);
            throw e.unavailable(SERVICE);
        }
        return false;
    }

    /** Until then, and for a day at most, nothing new is stored under the key either. */
    @Override
    public boolean end(Key key, Instant until) {
        mustBeOpen();
        Duration rest = Duration.between(clock.instant(), until);
        Duration noAdd =
                rest.isNegative() || rest.isZero() ? Duration.ZERO : shorter(rest.plusSeconds(1), LONGEST_NO_ADD);
        return twice(key, deadline -> memcache.delete(key, noAdd, deadline));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    @Override
    public boolean bury(Key key, Instant until) {
        mustBeOpen();
        Instant now = clock.instant();
        Instant end = until.isAfter(now) ? until : now;
        return twice(
                key,
                deadline -> memcache.put(key, CacheItem.mark(until, now), Leases.at(end.plusSeconds(1)), deadline));
    }

    private interface Repeatable {
        void call(Deadline deadline);
    }

    /** Once more when the first answer was lost and there is time left. */
    private boolean twice(Key key, Repeatable call) {
        Deadline deadline = deadline();
        try {
            try {
                call.call(deadline);
            } catch (ApiFailure e) {
                if (e.isCertain() || deadline.isOver() || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                call.call(deadline);
            }
            refusesWrites = false;
            return true;
        } catch (ApiFailure e) {
            refused(key, e);
            return false;
        }
    }

    /**
     * {@inheritDoc} The mark of the end stays in its place until then; an end for now alone leaves nothing. Two round trips more
     * where the state that was seen is not known, or was renewed meanwhile.
     */
    @Override
    public Outcome end(Key key, Version seen, Instant until) {
        mustBeOpen();
        if (!(seen instanceof CacheVersion version)) {
            return Outcome.CONFLICT;
        }
        Instant now = clock.instant();
        boolean marks = until.isAfter(now);
        // There is no conditional delete: what is put in its place is forgotten at once, and would hinder nobody.
        byte[] left = marks ? CacheItem.mark(until, now) : CacheItem.claim(random.nextLong() | 1, now);
        Expiration end = Leases.at(marks ? until.plusSeconds(1) : now.minus(LONG_AGO));
        Deadline deadline = deadline();
        try {
            Outcome outcome = swap(key, version, left, end, deadline);
            if (outcome == Outcome.CONFLICT && isUnreadable(version)) {
                return end(key, until) ? Outcome.GONE : Outcome.UNKNOWN;
            }
            return outcome == Outcome.STORED ? Outcome.GONE : outcome;
        } catch (ApiFailure e) {
            refused(key, e);
            return e.isCertain() || deadline.isOver() ? Outcome.UNKNOWN : endAgain(key, version, left, end, deadline);
        } catch (SessionUnavailableException e) {
            return Outcome.UNKNOWN;
        }
    }

    /** What the service's client cannot read it cannot compare either. */
    private static boolean isUnreadable(CacheVersion version) {
        return version.id() == 0 && version.seen() == null;
    }

    /** After a lost answer: either it is ended by now, or it is still there. */
    private Outcome endAgain(Key key, CacheVersion version, byte[] left, Expiration end, Deadline deadline) {
        try {
            Outcome outcome = swap(key, version, left, end, deadline);
            return outcome == Outcome.STORED ? Outcome.GONE : outcome;
        } catch (ApiFailure | SessionUnavailableException e) {
            return Outcome.UNKNOWN;
        }
    }

    /** Since a call of this process has failed, for whatever key: which server holds one is not known. */
    @Override
    public Duration steadyFor(Key key) {
        return memcache.steadyFor();
    }

    /** True. */
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

    /** False for ten seconds after a call has failed. */
    @Override
    public boolean settled() {
        return memcache.isSettled(UNSETTLED);
    }

    /**
     * Whether memcache answers, and what it counts for the whole application: items, bytes, hits, misses and for how many seconds the item was not used
     * that it would forget first. Whether the last write was refused. One call.
     */
    @Override
    public StoreHealth health() {
        Stats stats;
        try {
            mustBeOpen();
            stats = memcache.stats(deadline());
        } catch (ApiFailure e) {
            return StoreHealth.of(Part.away(SERVICE, String.valueOf(e.getMessage())));
        } catch (SessionUnavailableException e) {
            return StoreHealth.of(Part.away(SERVICE, String.valueOf(e.getMessage())));
        }
        Map<String, Long> figures = new LinkedHashMap<>();
        figures.put("items", stats.getItemCount());
        figures.put("bytes", stats.getTotalItemBytes());
        figures.put("hits", stats.getHitCount());
        figures.put("misses", stats.getMissCount());
        figures.put("oldestSeconds", (long) stats.getMaxTimeWithoutAccess());
        return StoreHealth.of(
                refusesWrites
                        ? new Part(
                                SERVICE,
                                Set.of(StoreHealth.Trouble.REFUSES_WRITES),
                                "it refused the last write",
                                figures)
                        : new Part(SERVICE, Set.of(), "", figures));
    }

    @Override
    public void report(BiConsumer<SessionEvent.Kind, Key> receiver) {
        this.receiver = receiver;
    }

    private Deadline deadline() {
        return Deadline.in(timeout);
    }

    private void mustBeOpen() {
        if (closed) {
            throw new SessionUnavailableException("The session store is closed", null);
        }
    }

    /** What is stored stays. */
    @Override
    public void close() {
        closed = true;
    }

    /** The name alone. */
    @Override
    public String toString() {
        return "AppEngineSessionStore";
    }

    /** Opens stores by URL. */
    public static final class Provider implements SessionStoreProvider {
        /** For the service loader. */
        public Provider() {}

        @Override
        public Set<String> schemes() {
            return Set.of(AppEngineUrl.SCHEME);
        }

        /**
         * {@code appengine:} is memcache in front of Datastore, {@code appengine:memcache} and {@code appengine:datastore} are one of them, each with
         * {@code ?option=value} if wanted.
         */
        @Override
        public SessionStore open(String url) {
            return AppEngineUrl.parse(url).open(Clock.systemUTC());
        }
    }
}
