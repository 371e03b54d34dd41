package dev.coatcheck;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps sessions in this process: for development, tests and applications of one process. It takes the same sealed bytes as
 * every other store. Bounded by bytes; what has not been used for long is thrown out first and reported as
 * {@link SessionEvent.Kind#EVICTED}. Its URL is {@code embedded:} or {@code embedded:?maxBytes=67108864}.
 *
 * <p>Safe for use by many threads; nothing blocks.
 */
public final class EmbeddedSessionStore implements SessionStore {
    /** How many bytes are kept by default: 64 MB. */
    public static final long DEFAULT_MAX_BYTES = 64L << 20;

    private static final long MIN_BYTES = 1L << 20;
    /** What an entry takes beside its value, roughly: key, node, lease. */
    private static final int ENTRY_BYTES = 256;

    private static final Duration LATELY = Duration.ofMinutes(5);

    private final LongSupplier nanos;
    private final Cache<Key, Entry> entries;
    private final AtomicLong stamps = new AtomicLong();
    private volatile BiConsumer<SessionEvent.Kind, Key> receiver = (kind, key) -> {};
    private final LongAdder evictions = new LongAdder();
    private volatile long evictedAt;
    private volatile boolean closed;

    /** One value. The stamp tells an entry from one that was ended and made anew under the same key. */
    private record Entry(byte[] value, EntryVersion version, long usedAt, long endsAt) {}

    private record EntryVersion(long number, long stamp) implements Version {
        @Override
        public String toString() {
            return "Version[hidden]";
        }
    }

    /** A store of {@link #DEFAULT_MAX_BYTES}. */
    public EmbeddedSessionStore() {
        this(DEFAULT_MAX_BYTES);
    }

    /**
     * A store whose leases run by the system's elapsed time, which no change of the clock disturbs.
     *
     * @throws IllegalArgumentException when less than 1 MB is given
     */
    public EmbeddedSessionStore(long maxBytes) {
        this(maxBytes, System::nanoTime);
    }

    /**
     * A store whose leases run by a clock, for tests.
     *
     * @throws IllegalArgumentException when less than 1 MB is given
     */
    public EmbeddedSessionStore(long maxBytes, Clock clock) {
        this(maxBytes, () -> nanos(clock.instant()));
    }

    private EmbeddedSessionStore(long maxBytes, LongSupplier nanos) {
        if (maxBytes < MIN_BYTES) {
            throw new IllegalArgumentException(
                    "maxBytes = " + maxBytes + ": the embedded store needs at least " + MIN_BYTES + " bytes");
        }
        this.nanos = nanos;
        entries = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .weigher((Key key, Entry entry) -> entry.value.length + ENTRY_BYTES)
                .ticker(nanos::getAsLong)
                .expireAfter(new Expiry<Key, Entry>() {
                    @Override
                    public long expireAfterCreate(Key key, Entry entry, long now) {
                        return Math.max(0, entry.endsAt - now);
                    }

                    @Override
                    public long expireAfterUpdate(Key key, Entry entry, long now, long remaining) {
                        return Math.max(0, entry.endsAt - now);
                    }

                    @Override
                    public long expireAfterRead(Key key, Entry entry, long now, long remaining) {
                        return remaining;
                    }
                })
                .executor(Runnable::run)
                .evictionListener(this::evicted)
                .build();
    }

    private static long nanos(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
    }

    private void evicted(@Nullable Key key, @Nullable Entry entry, RemovalCause cause) {
        if (cause == RemovalCause.SIZE && key != null) {
            evictedAt = nanos.getAsLong();
            evictions.increment();
            receiver.accept(SessionEvent.Kind.EVICTED, key);
        }
    }

    @Override
    public Optional<Stored> load(Key key, Duration lease) {
        Map<Key, Entry> map = map();
        long now = nanos.getAsLong();
        Entry[] found = new Entry[1];
        map.computeIfPresent(key, (k, entry) -> {
            found[0] = entry;
            return isTerminal(entry.value) ? entry : new Entry(entry.value, entry.version, now, now + lease.toNanos());
        });
        return stored(found[0], now);
    }

    @Override
    public Optional<Stored> peek(Key key, Duration lease) {
        long now = nanos.getAsLong();
        return stored(map().get(key), now);
    }

    private static Optional<Stored> stored(@Nullable Entry entry, long now) {
        return Optional.ofNullable(entry)
                .map(e -> new Stored(e.value.clone(), e.version, Duration.ofNanos(Math.max(0, now - e.usedAt))));
    }

    /** What ends a key keeps the short lease that it was written with. */
    private static boolean isTerminal(byte[] value) {
        try {
            return Envelope.of(value).kind().isTerminal();
        } catch (IllegalArgumentException notOurs) {
            return false;
        }
    }

    @Override
    public Written create(Key key, byte[] value, Duration lease) {
        Entry entry = entry(value, 1, stamps.incrementAndGet(), lease);
        return map().putIfAbsent(key, entry) == null ? Written.stored(entry.version) : Written.not(Outcome.EXISTS);
    }

    @Override
    public Written replace(Key key, byte[] value, Version seen, Duration lease) {
        Written[] written = {Written.not(Outcome.GONE)};
        map().computeIfPresent(key, (k, old) -> {
            if (!old.version.equals(seen)) {
                written[0] = Written.not(Outcome.CONFLICT);
                return old;
            }
            Entry next = entry(value, old.version.number + 1, old.version.stamp, lease);
            written[0] = Written.stored(next.version);
            return next;
        });
        return written[0];
    }

    private Entry entry(byte[] value, long number, long stamp, Duration lease) {
        long now = nanos.getAsLong();
        return new Entry(value.clone(), new EntryVersion(number, stamp), now, now + lease.toNanos());
    }

    @Override
    public boolean end(Key key, Instant until) {
        map().remove(key);
        return true;
    }

    @Override
    public Outcome end(Key key, Version seen, Instant until) {
        Entry left = map().computeIfPresent(key, (k, entry) -> entry.version.equals(seen) ? null : entry);
        return left == null ? Outcome.GONE : Outcome.CONFLICT;
    }

    private Map<Key, Entry> map() {
        if (closed) {
            throw new SessionUnavailableException("The embedded store is closed", null);
        }
        return entries.asMap();
    }

    @Override
    public boolean leavesProcess() {
        return false;
    }

    /** Whether something was thrown out for lack of room so far: with the process, all sessions are gone as well. */
    @Override
    public boolean mayForget() {
        return evictions.sum() > 0;
    }

    /** Whether it has thrown out live values of late. No I/O. */
    @Override
    public StoreHealth health() {
        if (closed) {
            return StoreHealth.of(StoreHealth.Part.away("embedded", "it is closed"));
        }
        long evicted = evictions.sum();
        boolean lately = evicted > 0 && nanos.getAsLong() - evictedAt < LATELY.toNanos();
        return StoreHealth.of(new StoreHealth.Part(
                "embedded",
                lately ? Set.of(StoreHealth.Trouble.EVICTS) : Set.of(),
                lately ? "it has thrown out live sessions: give it a larger maxBytes" : "",
                Map.of(StoreHealth.EVICTIONS, evicted)));
    }

    @Override
    public void report(BiConsumer<SessionEvent.Kind, Key> receiver) {
        this.receiver = receiver;
    }

    /** Forgets everything. */
    @Override
    public void close() {
        closed = true;
        entries.invalidateAll();
    }

    /** How many values are held; says nothing else of them. */
    @Override
    public String toString() {
        return "EmbeddedSessionStore[" + entries.estimatedSize() + " entries]";
    }

    /** Opens embedded stores by URL. */
    public static final class Provider implements SessionStoreProvider {
        private static final String MAX_BYTES = "embedded:?maxBytes=";

        /** For the service loader. */
        public Provider() {}

        @Override
        public Set<String> schemes() {
            return Set.of("embedded");
        }

        /** A new store each time: {@code embedded:}, or {@code embedded:?maxBytes=} with at least 1,048,576. */
        @Override
        public SessionStore open(String url) {
            if (url.toLowerCase(Locale.ROOT).equals("embedded:")) {
                return new EmbeddedSessionStore();
            }
            if (url.startsWith(MAX_BYTES) && url.substring(MAX_BYTES.length()).matches("[0-9]{1,18}")) {
                return new EmbeddedSessionStore(Long.parseLong(url.substring(MAX_BYTES.length())));
            }
            throw new IllegalArgumentException(
                    "The embedded store's URL is 'embedded:' or 'embedded:?maxBytes=' with a number of bytes");
        }
    }
}
