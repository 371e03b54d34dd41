package dev.coatcheck.store.appengine;

import com.google.appengine.api.memcache.Expiration;
import com.google.appengine.api.memcache.Stats;
import dev.coatcheck.Envelope;
import dev.coatcheck.SessionCache;
import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionStoreProvider;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.StoreHealth;
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
    public static final int MAX_VALUE_BYTES = ServiceState.MAX_VALUE_BYTES;

    /** Longer than any query of a durable store should take, and short when its caller died. */
    private static final Duration CLAIM = Duration.ofSeconds(5);

    /** After so many looks at nothing, in whose place nothing can be put, an end keeps claims away. */
    private static final int CLAIMS = 3;

    /** After a call has failed, absences are not remembered for this long. */
    private static final Duration UNSETTLED = Duration.ofSeconds(10);

    private final Memcache memcache;
    private final Duration timeout;
    private final Clock clock;
    private final ServiceState service = new ServiceState("memcache");
    private final CacheWrites writes;

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
        this.writes = new CacheWrites(memcache, service, clock);
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
        long token = writes.token();
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
                throw service.unavailable(e);
            }
        }
        // Left there, or kept away by an end: then nobody will fill its place.
        return new Cached.Claimed(new CacheVersion(0, token, null), true);
    }

    private @Nullable CacheItem read(Key key, Deadline deadline) {
        service.mustBeOpen();
        try {
            return memcache.get(key, deadline);
        } catch (ApiFailure e) {
            throw service.unavailable(e);
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
        service.mustBeOpen();
        Envelope envelope = ServiceState.checked(value);
        Instant now = clock.instant();
        byte[] bytes = CacheItem.bytes(value, envelope, now);
        Expiration until = Leases.at(Leases.end(envelope, lease, now));
        try {
            boolean stored = memcache.add(key, bytes, until, deadline());
            service.wrote();
            return stored ? Written.stored(CacheVersion.of(envelope)) : Written.not(Outcome.EXISTS);
        } catch (ApiFailure e) {
            return Written.not(unknown(key, e));
        }
    }

    /** {@inheritDoc} Two more where the state that was seen is not known, as after a write, or was renewed meanwhile. */
    @Override
    public Written replace(Key key, byte[] value, Version seen, Duration lease) {
        service.mustBeOpen();
        Envelope envelope = ServiceState.checked(value);
        if (!(seen instanceof CacheVersion version)) {
            return Written.not(Outcome.CONFLICT);
        }
        Instant now = clock.instant();
        byte[] bytes = CacheItem.bytes(value, envelope, now);
        Expiration until = Leases.at(Leases.end(envelope, lease, now));
        try {
            Outcome outcome = writes.replace(key, version, bytes, until, deadline());
            return outcome == Outcome.STORED ? Written.stored(CacheVersion.of(envelope)) : Written.not(outcome);
        } catch (ApiFailure e) {
            return Written.not(unknown(key, e));
        }
    }

    /** What became of a write that failed, unless it is certain that nothing did. */
    private Outcome unknown(Key key, ApiFailure e) {
        service.failed(key, e);
        if (e.isCertain()) {
            throw service.unavailable(e);
        }
        return Outcome.UNKNOWN;
    }

    /** One call, and two more where the value was renewed or changed meanwhile. */
    @Override
    public boolean renew(Key key, Version seen, Duration lease) {
        service.mustBeOpen();
        try {
            return seen instanceof CacheVersion version && writes.renew(key, version, lease, deadline());
        } catch (ApiFailure e) {
            service.failed(key, e);
            throw service.unavailable(e);
        }
    }

    /** Until then, and for a day at most, nothing new is stored under the key either. */
    @Override
    public boolean end(Key key, Instant until) {
        service.mustBeOpen();
        return writes.end(key, until, deadline());
    }

    @Override
    public boolean bury(Key key, Instant until) {
        service.mustBeOpen();
        return writes.bury(key, until, deadline());
    }

    /**
     * {@inheritDoc} The mark of the end stays in its place until then; an end for now alone leaves nothing. Two round trips more
     * where the state that was seen is not known, or was renewed meanwhile.
     */
    @Override
    public Outcome end(Key key, Version seen, Instant until) {
        service.mustBeOpen();
        return seen instanceof CacheVersion version ? writes.end(key, version, until, deadline()) : Outcome.CONFLICT;
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
        return service.health(() -> {
            Stats stats = memcache.stats(deadline());
            Map<String, Long> figures = new LinkedHashMap<>();
            figures.put("items", stats.getItemCount());
            figures.put("bytes", stats.getTotalItemBytes());
            figures.put("hits", stats.getHitCount());
            figures.put("misses", stats.getMissCount());
            figures.put("oldestSeconds", (long) stats.getMaxTimeWithoutAccess());
            return figures;
        });
    }

    @Override
    public void report(BiConsumer<SessionEvent.Kind, Key> receiver) {
        service.report(receiver);
    }

    private Deadline deadline() {
        return Deadline.in(timeout);
    }

    /** What is stored stays. */
    @Override
    public void close() {
        service.close();
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
