package dev.coatcheck;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cache in front of a database: reads cost what the cache costs, and nothing is lost when it forgets. The database decides;
 * a write is there first, and the cache never gets a value that may be older than the row. Its URL is
 * {@code tiered:memcached://mc1:11211+jdbc:postgresql://db/sessions}: the cache's, a plus, the database's.
 *
 * <p>A session that is found costs no statement, but for one in a quarter of its lease and process that renews the row behind
 * the answer. A changed one costs one statement and one command more than a read. What the cache has forgotten is one query,
 * for one of all that ask at the same time. While the cache is away every request asks the database. While the database is
 * away, what is in the cache can be read; changes and log-outs fail or are unconfirmed, as with any store that is away.
 *
 * <p>Safe for use by many threads, virtual ones too; holds no lock. Closing it closes both stores.
 */
public final class TieredSessionStore implements SessionStore {
    private static final Logger LOG = LoggerFactory.getLogger(TieredSessionStore.class);
    private static final int MAX_WAITING = 10_000;
    private static final Duration REPAIR = Duration.ofSeconds(1);
    private static final Duration SHORTEST_WINDOW = Duration.ofMillis(100);
    private static final Duration LONGEST_WINDOW = Duration.ofMinutes(1);

    /** Of how many sessions a change may wait for the database by default. */
    public static final int DEFAULT_WAITING_SESSIONS = 10_000;

    /** How many bytes of changes may wait for the database by default: of 10,000 sessions of 6 kB. */
    public static final long DEFAULT_WAITING_BYTES = 67_108_864;

    /** For how long the database may leave a change waiting by default: longer than it takes to fail over. */
    public static final Duration DEFAULT_WAITING_AGE = Duration.ofMinutes(5);

    private static final int MOST_WAITING_SESSIONS = 1_000_000;
    private static final long FEWEST_WAITING_BYTES = 1_024;
    private static final long MOST_WAITING_BYTES = 10_737_418_240L;
    private static final Duration LONGEST_AGE = Duration.ofDays(1);

    /** So many that fail in a row are an outage, and not rows that somebody has locked. */
    private static final int FAILED_DRAINS = 3;

    private final SessionCache cache;
    private final DurableSessionStore durable;
    private final @Nullable TierQueue queue;
    private final TierHints hints = new TierHints();
    private final Tiers tiers;
    private final TierDriver driver;
    private final boolean inRequests;
    private final Chores behind;
    private final AtomicBoolean repairing = new AtomicBoolean();
    private final MinuteLog fullLog;
    private final MinuteLog roomLog;
    private volatile BiConsumer<SessionEvent.Kind, Key> receiver = (kind, key) -> {};
    private volatile boolean closed;

    /** On a cache, as memcached, and a store that does not forget, as a database: a change is in both before it is answered. */
    public TieredSessionStore(SessionCache cache, DurableSessionStore durable) {
        this(cache, durable, null, Duration.ZERO, Clock.systemUTC(), System::nanoTime);
    }

    /** As the other constructor, but what is due in a quarter of a lease is due by a clock, for tests. */
    public TieredSessionStore(SessionCache cache, DurableSessionStore durable, Clock clock) {
        this(
                cache,
                durable,
                null,
                Duration.ZERO,
                clock,
                () -> ChronoUnit.NANOS.between(Instant.EPOCH, clock.instant()));
    }

    /**
     * As {@link #writeBehind(SessionCache, DurableSessionStore, Duration, int, long, Duration)}, with
     * {@link #DEFAULT_WAITING_BYTES} and {@link #DEFAULT_WAITING_AGE}.
     *
     * @throws IllegalArgumentException for another window or number
     */
    public static TieredSessionStore writeBehind(
            SessionCache cache, DurableSessionStore durable, Duration window, int maxSessions) {
        return writeBehind(cache, durable, window, maxSessions, DEFAULT_WAITING_BYTES, DEFAULT_WAITING_AGE);
    }

    /**
     * As the constructor, but a change of a session is answered once the cache has it, and reaches the database within the
     * window. What a process holds back when it is killed, and the cache then forgets, is lost: the window is what can be, and
     * while the database is away what was changed until the age was reached. New sessions, ids, log-outs and users' lists go to
     * the database at once, as without a window.
     *
     * <p>What does not fit into the bounds goes to the database at once too, and fails where that is away, with a
     * {@link SessionEvent.Kind#DEGRADED} event. Requests that run at the same time may pass a bound by one change each. Nothing
     * that waits is ever dropped, but with its session.
     *
     * @param window how long a change may wait: 100 ms to 1 minute
     * @param maxSessions of how many sessions a change may wait, 1 to 1,000,000
     * @param maxBytes how many bytes may wait, 1,024 to 10,737,418,240 (10 GiB): those of the sessions as they are stored, each
     *     once, which this process keeps in its memory
     * @param maxAge for how long the database may leave a change waiting before no more may wait: from the window to 1 day
     * @throws IllegalArgumentException for another window, number or age
     */
    public static TieredSessionStore writeBehind(
            SessionCache cache,
            DurableSessionStore durable,
            Duration window,
            int maxSessions,
            long maxBytes,
            Duration maxAge) {
        if (window.compareTo(SHORTEST_WINDOW) < 0 || window.compareTo(LONGEST_WINDOW) > 0) {
            throw new IllegalArgumentException("A window of " + window + ": 100 ms to 1 minute are accepted");
        }
        if (maxSessions < 1 || maxSessions > MOST_WAITING_SESSIONS) {
            throw new IllegalArgumentException(maxSessions + " waiting sessions: 1 to 1,000,000 are accepted");
        }
        if (maxBytes < FEWEST_WAITING_BYTES || maxBytes > MOST_WAITING_BYTES) {
            throw new IllegalArgumentException(maxBytes + " waiting bytes: 1,024 to 10,737,418,240 are accepted");
        }
        if (maxAge.compareTo(window) < 0 || maxAge.compareTo(LONGEST_AGE) > 0) {
            throw new IllegalArgumentException(
                    "An age of " + maxAge + " of waiting changes: from the window to 1 day is accepted");
        }
        TierQueue queue = new TierQueue(new TierQueue.Bounds(maxSessions, maxBytes, maxAge), System::nanoTime);
        return new TieredSessionStore(cache, durable, queue, window, Clock.systemUTC(), System::nanoTime);
    }

    private TieredSessionStore(
            SessionCache cache,
            DurableSessionStore durable,
            @Nullable TierQueue queue,
            Duration window,
            Clock clock,
            LongSupplier nanos) {
        if (cache.keepsCopies()) {
            throw new IllegalArgumentException(
                    "copies=2: not in front of a database, which is the better second copy; leave it out");
        }
        this.cache = cache;
        this.durable = durable;
        this.queue = queue;
        inRequests = cache.needsRequestThread() || durable.needsRequestThread();
        if (queue != null && inRequests) {
            throw new IllegalArgumentException(
                    "writeBehind: not with stores that the threads of requests alone may call; leave it out");
        }
        cache.standInFront();
        tiers = new Tiers(
                cache::steadyFor,
                new TierValues(durable::version, clock),
                new TierRenewals(nanos),
                hints,
                new SecureRandom()::nextLong,
                queue,
                this::full);
        driver = new TierDriver(cache, durable, this::behind);
        fullLog = new MinuteLog(clock);
        roomLog = new MinuteLog(clock);
        behind = Chores.behind(inRequests, "coatcheck-tiers");
        if (queue != null) {
            drainEvery(queue, window.dividedBy(2));
        }
    }

    private void drainEvery(TierQueue waiting, Duration half) {
        behind.in(half, () -> {
            drain(waiting);
            drainEvery(waiting, half);
        });
    }

    @Override
    public Optional<Stored> load(Key key, Duration lease) {
        return driver.run(tiers.load(key, lease));
    }

    /** From the database, whatever the cache holds. */
    @Override
    public Optional<Stored> loadFresh(Key key, Duration lease) {
        try {
            return driver.run(tiers.loadFresh(key, lease));
        } finally {
            if (hints.holds(key)) {
                repairSoon();
            }
        }
    }

    @Override
    public Optional<Stored> peek(Key key, Duration lease) {
        return driver.run(tiers.peek(key, lease));
    }

    @Override
    public Written create(Key key, byte[] value, Duration lease) {
        return driver.run(tiers.create(key, value, lease));
    }

    /** One statement and one command. Degraded when the cache could not be told, and may show an older value for a while. */
    @Override
    public Written replace(Key key, byte[] value, Version seen, Duration lease) {
        Written written = driver.run(tiers.replace(key, value, seen, lease));
        if (written.degraded()) {
            repairSoon();
        }
        return written;
    }

    /** Confirmed by both. */
    @Override
    public boolean end(Key key, Instant until) {
        mustBeOpen();
        return driver.run(tiers.end(key, until));
    }

    @Override
    public Outcome end(Key key, Version seen, Instant until) {
        mustBeOpen();
        return driver.run(tiers.end(key, seen, until));
    }

    private void mustBeOpen() {
        if (closed) {
            throw new SessionUnavailableException("The tiered store is closed", null);
        }
    }

    /** In the cache; the database's is renewed behind a load. */
    @Override
    public boolean renew(Key key, Version seen, Duration lease) {
        return driver.run(tiers.renew(key, seen, lease));
    }

    /** When either does. */
    @Override
    public boolean needsRequestThread() {
        return inRequests;
    }

    @Override
    public void requestOver() {
        behind.requestOver();
    }

    /** As the database. */
    @Override
    public boolean needsSweep() {
        return durable.needsSweep();
    }

    /** What the cache still has in use is renewed instead; where the cache cannot say, it is left for a later sweep. */
    @Override
    public List<Key> sweep(int limit) {
        List<Key> ended = new ArrayList<>();
        for (DurableSessionStore.Expired expired : durable.expired(limit)) {
            if (driver.run(tiers.sweep(expired))) {
                ended.add(expired.key());
            }
        }
        return ended;
    }

    /** The store in front, to ask it alone. Not to be closed. */
    public SessionCache cache() {
        return cache;
    }

    /** The store that decides, to ask it alone. Not to be closed. */
    public DurableSessionStore durable() {
        return durable;
    }

    /** Work that nobody waits for is left out when too much of it waits: a later request brings it again. */
    private void behind(Supplier<TierStep<Boolean>> work) {
        if (behind.waiting() >= MAX_WAITING) {
            fullLog.run(times -> LOG.warn("The database is too slow: {} renewals of sessions were put off", times));
            return;
        }
        if (!closed) {
            behind.in(Duration.ZERO, () -> quietly(work));
        }
    }

    private boolean quietly(Supplier<TierStep<Boolean>> work) {
        try {
            return driver.run(work.get());
        } catch (SessionUnavailableException away) {
            return false; // told by the requests that need it
        } catch (RuntimeException e) {
            LOG.error("Work behind an answer failed: {}", e.getClass().getName());
            return false;
        }
    }

    /** Brings the cache to what it missed, again and again until it can be reached. */
    private void repairSoon() {
        if (!closed && repairing.compareAndSet(false, true)) {
            behind.in(REPAIR, this::repair);
        }
    }

    private void repair() {
        for (Key key : hints.keys()) {
            if (!quietly(() -> tiers.repair(key))) {
                break; // still away
            }
        }
        repairing.set(false);
        if (!hints.isEmpty()) {
            repairSoon();
        }
    }

    /** Gives the database what waits for it, oldest first, until that is away. A row that is locked holds up itself alone. */
    private void drain(TierQueue waiting) {
        int failed = 0;
        for (Key key : waiting.keys()) {
            failed = quietly(() -> tiers.drain(key)) ? 0 : failed + 1;
            if (failed == FAILED_DRAINS) {
                return;
            }
        }
    }

    /** A change may not wait: the database is too slow for all of them, or away. */
    private void full(Key key) {
        TierQueue waiting = queue;
        if (waiting != null) {
            roomLog.run(times -> LOG.warn(
                    "{} changes may not wait for the database: those of {} sessions do, {} bytes, the oldest for {} ms",
                    times,
                    waiting.sessions(),
                    waiting.bytes(),
                    waiting.oldestAge().toMillis()));
        }
        receiver.accept(SessionEvent.Kind.DEGRADED, key);
    }

    /** Whether the database may: what the cache forgets is there. */
    @Override
    public boolean mayForget() {
        return durable.mayForget();
    }

    /** As the stores say; true when either does. */
    @Override
    public boolean leavesProcess() {
        return cache.leavesProcess() || durable.leavesProcess();
    }

    /** The smaller of both. */
    @Override
    public int maxValueBytes() {
        return Math.min(cache.maxValueBytes(), durable.maxValueBytes());
    }

    /** An absence is the database's word. */
    @Override
    public boolean settled() {
        return durable.settled();
    }

    /** Of both; what the cache throws out is no trouble. With a window the database's part tells how many sessions wait. */
    @Override
    public StoreHealth health() {
        List<StoreHealth.Part> parts = new ArrayList<>();
        cache.health().parts().forEach(part -> parts.add(part.thatMayForget()));
        durable.health()
                .parts()
                .forEach(part -> parts.add(queue == null ? part : part.with("waiting", waiting(queue))));
        return new StoreHealth(parts);
    }

    private static long waiting(TierQueue queue) {
        return queue.keys().size();
    }

    @Override
    public void report(BiConsumer<SessionEvent.Kind, Key> receiver) {
        this.receiver = receiver;
        durable.report(receiver); // what the cache forgets is not lost
    }

    /** Closes both, after the database has what waits for it, as far as it can be reached. */
    @Override
    public void close() {
        closed = true;
        behind.close();
        if (queue != null) {
            drain(queue);
            int lost = queue.sessions();
            if (lost > 0) {
                LOG.error(
                        "The database is away at the shutdown: the last changes of {} sessions are in the cache alone",
                        lost);
            }
        }
        try {
            cache.close();
        } finally {
            durable.close();
        }
    }

    /** Both. */
    @Override
    public String toString() {
        return "TieredSessionStore[" + cache + ", " + durable + "]";
    }

    /** Opens two tiers by URL. */
    public static final class Provider implements SessionStoreProvider {
        private static final String SCHEME = "tiered";

        /** For the service loader. */
        public Provider() {}

        @Override
        public Set<String> schemes() {
            return Set.of(SCHEME);
        }

        /**
         * {@code tiered:}, the cache's URL, {@code +}, the durable store's URL. With {@code tiered:writeBehind=2s,} in front of
         * the cache's, changes wait for the database as {@link TieredSessionStore#writeBehind} says: of
         * {@code waitingSessions=10000,} with {@code waitingBytes=67108864,} for {@code waitingAge=5m,} where nothing else is said.
         */
        @Override
        public SessionStore open(String url) {
            TierOptions options = TierOptions.parse(url.substring(SCHEME.length() + 1));
            String urls = options.urls();
            String[] tiers = urls.split("\\+(?=[A-Za-z][A-Za-z0-9.-]*:)", 2);
            if (tiers.length != 2
                    || tiers[0].isEmpty()
                    || tiers[1].isEmpty()
                    || tiers[1].toLowerCase(Locale.ROOT).startsWith(SCHEME + ":")) {
                throw new IllegalArgumentException(
                        "Two tiers are 'tiered:' + the cache's URL + '+' + the durable store's URL, as "
                                + "tiered:memcached://mc1:11211+jdbc:postgresql://db/sessions");
            }
            SessionStore first = SessionStore.open(tiers[0]);
            SessionStore second = null;
            try {
                second = SessionStore.open(tiers[1]);
                if (!(first instanceof SessionCache cache)) {
                    throw new IllegalArgumentException("The first of two tiers is a cache, as memcached://; "
                            + first.getClass().getSimpleName() + " is none");
                }
                if (!(second instanceof DurableSessionStore durable)) {
                    throw new IllegalArgumentException("The second of two tiers is a durable store, as jdbc:; "
                            + second.getClass().getSimpleName() + " is none");
                }
                Duration window = options.window();
                return window == null
                        ? new TieredSessionStore(cache, durable)
                        : writeBehind(cache, durable, window, options.sessions(), options.bytes(), options.age());
            } catch (RuntimeException e) {
                first.close();
                if (second != null) {
                    second.close();
                }
                throw e;
            }
        }
    }
}
