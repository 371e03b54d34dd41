package dev.coatcheck.store.memcached;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionCache;
import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionStoreProvider;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.StoreHealth;
import dev.coatcheck.memcached.Command;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.memcached.MemcachedException;
import dev.coatcheck.memcached.MemcachedException.Fate;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.memcached.NodeStats;
import dev.coatcheck.memcached.Reply;
import dev.coatcheck.memcached.Reply.Status;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps sessions in memcached, each on one node, which its key alone decides. A read is one command, which renews the lease
 * too; a write is one, which happens only over the state that was seen. Its URL is {@code memcached://mc1:11211,mc2:11211};
 * docs/memcached.md has the options.
 *
 * <p>memcached forgets: when its memory is full, when it is restarted, when a node dies. Such sessions are over. What it never
 * does here is to be a log-out for want of an answer: a node that is away is {@link SessionUnavailableException}, within the
 * timeout for the first callers and at once for all later ones.
 *
 * <p>Safe for use by many threads, virtual ones too; holds no lock.
 */
public final class MemcachedSessionStore implements SessionCache {
    /** The largest value that is stored by default, as large as a session may be by default. */
    public static final int DEFAULT_MAX_VALUE_BYTES = 262_144;

    /** What each key begins with by default. */
    public static final String DEFAULT_PREFIX = "cc:";

    /** After a node was away or became another process, absences are not remembered for this long. */
    private static final Duration UNSETTLED = Duration.ofSeconds(10);

    /** Longer than any query of a durable store should take, and short when its caller died. */
    private static final int CLAIM_SECONDS = 5;

    private final MemcachedClient client;
    private final String prefix;
    private final int maxValueBytes;
    private final Clock clock;
    private final NodesHealth health;
    private final long openedAt = System.nanoTime();
    private volatile BiConsumer<SessionEvent.Kind, Key> receiver = (kind, key) -> {};
    private volatile boolean closed;

    MemcachedSessionStore(MemcachedClient client, String prefix, int maxValueBytes, Clock clock) {
        this.client = client;
        this.prefix = prefix;
        this.maxValueBytes = maxValueBytes;
        this.clock = clock;
        health = new NodesHealth(client, prefix, System::nanoTime);
    }

    /**
     * Opens a store on these nodes, every option at its default.
     *
     * @param nodes {@code host:port}, {@code [IPv6]:port}, {@code unix:/path}, each may have {@code name=} in front
     * @throws IllegalArgumentException when a node's address is wrong, or a node that answers cannot serve: see {@link #open}
     */
    public static MemcachedSessionStore connect(String... nodes) {
        return open(MemcachedUrl.SCHEME + "://" + String.join(",", nodes));
    }

    /**
     * Opens a store by its URL. Waits for the first answer of every node, for two seconds at most: those that are away are
     * tried again behind the requests, and said in the log.
     *
     * @throws IllegalArgumentException when the URL is wrong, or a node that answers is no memcached, older than 1.6.18,
     *     refuses the password or the kind of connection, takes no values as large as ours, or does not evict as expected.
     *     The message names the node or option and what is accepted, and never a password
     */
    public static MemcachedSessionStore open(String url) {
        MemcachedUrl options = MemcachedUrl.parse(url);
        return checked(options.client(), options);
    }

    /**
     * A store on a client that was made in code, for what a URL cannot say: an {@code SSLContext} of one's own, a listener of
     * nodes. Its other options have their defaults. Closing the store closes the client.
     *
     * @throws IllegalArgumentException when a node that answers cannot serve, as in {@link #open}; the client is closed then
     */
    public static MemcachedSessionStore over(MemcachedClient client) {
        return checked(client, MemcachedUrl.withoutNodes());
    }

    private static MemcachedSessionStore checked(MemcachedClient client, MemcachedUrl options) {
        try {
            StartCheck.check(client, options);
        } catch (RuntimeException e) {
            client.close();
            throw e;
        }
        MemcachedSessionStore store =
                new MemcachedSessionStore(client, options.prefix(), options.maxValueBytes(), Clock.systemUTC());
        StartCheck.warn(store.health);
        return store;
    }

    @Override
    public Optional<Stored> load(Key key, Duration lease) {
        return value(renew(key, lease, false));
    }

    @Override
    public Cached claim(Key key, Duration lease) {
        return renew(key, lease, true)
                .orElseThrow(() -> new SessionUnavailableException("The session store left no claim", null));
    }

    private Optional<Cached> renew(Key key, Duration lease, boolean claim) {
        long deadline = deadline();
        Exptime exptime = Exptime.of(lease, clock.instant());
        Command load = look(key).touch(exptime.number());
        Reply reply = orUnavailable(key, claim ? load.claim(CLAIM_SECONDS) : load, deadline);
        if (reply.status() == Status.ABSENT) {
            return Optional.empty();
        }
        byte[] value = Objects.requireNonNull(reply.value(), "asked for");
        Envelope last = ClientFlags.isTerminal(reply.flags()) ? terminal(value, reply.flags()) : null;
        if (last != null && !cut(key, reply, last, deadline)) {
            return Optional.of(new Cached.Buried());
        }
        return Optional.of(cached(reply, value, exptime));
    }

    @Override
    public Optional<Stored> peek(Key key, Duration lease) {
        return value(see(key, lease));
    }

    @Override
    public Optional<Cached> see(Key key, Duration lease) {
        Exptime exptime = Exptime.of(lease, clock.instant());
        Reply reply = orUnavailable(key, look(key), deadline());
        if (reply.status() == Status.ABSENT) {
            return Optional.empty();
        }
        byte[] value = Objects.requireNonNull(reply.value(), "asked for");
        return Optional.of(cached(reply, value, exptime));
    }

    private Command look(Key key) {
        return Command.get(name(key)).value().cas().flags().secondsLeft();
    }

    private static Cached cached(Reply reply, byte[] value, Exptime exptime) {
        if (ClientFlags.isTomb(reply.flags()) && terminal(value, reply.flags()) != null) {
            return new Cached.Buried();
        }
        Version version = version(reply, reply.flags());
        return value.length == 0
                ? new Cached.Claimed(version, reply.won())
                : new Cached.Found(new Stored(value, version, exptime.idle(reply.secondsLeft())));
    }

    /** To callers that make no claims, one is a value that is none of theirs. */
    private static Optional<Stored> value(Optional<Cached> cached) {
        return cached.flatMap(there -> {
            if (there instanceof Cached.Found found) {
                return Optional.of(found.stored());
            }
            return there instanceof Cached.Claimed claimed
                    ? Optional.of(new Stored(new byte[0], claimed.claim(), Duration.ZERO))
                    : Optional.empty();
        });
    }

    /** Of what ends its key; null where the flags say so and the value does not, which the manager judges. */
    private static @Nullable Envelope terminal(byte[] value, long flags) {
        try {
            Envelope envelope = Envelope.of(value);
            return ClientFlags.of(envelope) == flags ? envelope : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /**
     * What ends a key was just renewed by the load, as everything is: it gets its own end back.
     *
     * @return false when there is nothing left to hand out
     */
    private boolean cut(Key key, Reply found, Envelope envelope, long deadline) {
        long rest = envelope.end() - clock.instant().getEpochSecond();
        boolean oldId = ClientFlags.isOldId(found.flags());
        if (oldId && found.secondsLeft() >= 0) {
            rest = Math.min(rest, found.secondsLeft());
        }
        if (rest < 1) {
            Command delete = Command.delete(name(key)).ifCas(found.cas()).onlyOn(found.server());
            orUnavailable(key, delete, deadline);
            return false;
        }
        int exptime = Exptime.of(Duration.ofSeconds(rest), clock.instant()).number();
        orUnavailable(key, Command.get(name(key)).touch(exptime), deadline);
        return oldId;
    }

    @Override
    public Written create(Key key, byte[] value, Duration lease) {
        Envelope envelope = Envelope.of(value);
        return write(key, envelope, set(key, envelope, value, lease).create());
    }

    @Override
    public Written replace(Key key, byte[] value, Version seen, Duration lease) {
        if (!(seen instanceof MemcachedVersion version)) {
            return Written.not(Outcome.CONFLICT);
        }
        Envelope envelope = Envelope.of(value);
        Command set = set(key, envelope, value, lease).ifCas(version.cas()).onlyOn(version.server());
        return write(key, envelope, set);
    }

    private Command set(Key key, Envelope envelope, byte[] value, Duration lease) {
        if (value.length > maxValueBytes) {
            // A server that refuses an item for its size has deleted the old one by then.
            throw new IllegalArgumentException(
                    "A value of " + value.length + " bytes; maxValueBytes is " + maxValueBytes);
        }
        return Command.set(name(key), value.clone())
                .cas()
                .clientFlags(ClientFlags.of(envelope))
                .expire(Exptime.of(lease, clock.instant()).number());
    }

    private Written write(Key key, Envelope envelope, Command set) {
        Reply reply;
        try {
            reply = client.execute(set);
        } catch (MemcachedException e) {
            return switch (e.fate()) {
                case UNKNOWN -> Written.not(Outcome.UNKNOWN);
                case OTHER_SERVER -> Written.not(Outcome.CONFLICT);
                case NOT_SENT, REFUSED -> throw unavailable(key, e);
            };
        }
        return switch (reply.status()) {
            case DONE -> Written.stored(version(reply, ClientFlags.of(envelope)));
            case NOT_STORED -> Written.not(Outcome.EXISTS);
            case EXISTS -> Written.not(Outcome.CONFLICT);
            case ABSENT -> Written.not(Outcome.GONE);
        };
    }

    private static Version version(Reply reply, long flags) {
        return new MemcachedVersion(ClientFlags.version(flags), reply.cas(), reply.server());
    }

    @Override
    public boolean end(Key key, Instant until) {
        try {
            askTwice(Command.delete(name(key)), deadline());
            return true;
        } catch (MemcachedException e) {
            if (closed) {
                throw unavailable(key, e);
            }
            return false;
        }
    }

    @Override
    public Outcome end(Key key, Version seen, Instant until) {
        if (!(seen instanceof MemcachedVersion version)) {
            return Outcome.CONFLICT;
        }
        Command delete = Command.delete(name(key)).ifCas(version.cas()).onlyOn(version.server());
        try {
            return askTwice(delete, deadline()).status() == Status.EXISTS ? Outcome.CONFLICT : Outcome.GONE;
        } catch (MemcachedException e) {
            if (closed) {
                throw unavailable(key, e);
            }
            return e.fate() == Fate.OTHER_SERVER ? Outcome.CONFLICT : Outcome.UNKNOWN;
        }
    }

    @Override
    public boolean bury(Key key, Instant until) {
        long rest = Math.max(1, until.getEpochSecond() + 1 - clock.instant().getEpochSecond());
        Envelope tomb = Envelope.tomb(until);
        Command set = Command.set(name(key), tomb.bytes())
                .clientFlags(ClientFlags.of(tomb))
                .expire(Exptime.of(Duration.ofSeconds(rest), clock.instant()).number());
        try {
            askTwice(set, deadline());
            return true;
        } catch (MemcachedException e) {
            if (closed) {
                throw unavailable(key, e);
            }
            return false;
        }
    }

    @Override
    public Duration steadyFor(Key key) {
        // Before this store was opened nobody looked.
        Duration opened = Duration.ofNanos(System.nanoTime() - openedAt);
        Duration node = client.owner(name(key)).steadyFor();
        return node.compareTo(opened) < 0 ? node : opened;
    }

    /** When a call of now is over, however many commands it takes; by the system's elapsed time. */
    private long deadline() {
        return System.nanoTime() + client.timeout().toNanos();
    }

    private static Duration left(long deadline) {
        return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
    }

    /** What may be repeated is, on a new connection, when the first one was lost and there is time left. */
    private Reply askTwice(Command command, long deadline) {
        MemcachedNode node = client.owner(command.key());
        try {
            return node.execute(command, left(deadline));
        } catch (MemcachedException e) {
            boolean mayHelp =
                    e.fate() == Fate.UNKNOWN && !Thread.currentThread().isInterrupted();
            if (!mayHelp || left(deadline).isZero()) {
                throw e;
            }
            return node.execute(command, left(deadline));
        }
    }

    private Reply orUnavailable(Key key, Command command, long deadline) {
        try {
            return askTwice(command, deadline);
        } catch (MemcachedException e) {
            throw unavailable(key, e);
        }
    }

    private SessionUnavailableException unavailable(Key key, MemcachedException cause) {
        if (cause.fate() == Fate.REFUSED) {
            receiver.accept(SessionEvent.Kind.DEGRADED, key);
        }
        return new SessionUnavailableException("The session store is away: " + cause.getMessage(), cause);
    }

    private String name(Key key) {
        return prefix + key.text();
    }

    /** True: a key ring is required. */
    @Override
    public boolean leavesProcess() {
        return true;
    }

    @Override
    public int maxValueBytes() {
        return maxValueBytes;
    }

    @Override
    public boolean settled() {
        return client.nodes().stream().allMatch(node -> node.steadyFor().compareTo(UNSETTLED) > 0);
    }

    /**
     * How each node is: whether it answers, refuses writes, or has thrown out live sessions since it was last asked, and who
     * else uses it. Asks all nodes at a time, by one command over the connections of the sessions and a short connection for
     * the server's statistics. Within the timeout.
     */
    @Override
    public StoreHealth health() {
        return health.look();
    }

    @Override
    public void report(BiConsumer<SessionEvent.Kind, Key> receiver) {
        this.receiver = receiver;
    }

    /** The nodes, to ask each alone. In the order of the URL. */
    public List<MemcachedNode> nodes() {
        return client.nodes();
    }

    /** What each node has counted, for metrics. No I/O. */
    public List<NodeStats> stats() {
        return client.nodes().stream().map(MemcachedNode::stats).toList();
    }

    /** Closes the connections. What is stored stays. */
    @Override
    public void close() {
        closed = true;
        client.close();
    }

    /** The nodes. */
    @Override
    public String toString() {
        return "MemcachedSessionStore" + client.nodes();
    }

    /** Opens stores by URL. */
    public static final class Provider implements SessionStoreProvider {
        /** For the service loader. */
        public Provider() {}

        @Override
        public Set<String> schemes() {
            return Set.of(MemcachedUrl.SCHEME);
        }

        /** As {@link MemcachedSessionStore#open}. */
        @Override
        public SessionStore open(String url) {
            return MemcachedSessionStore.open(url);
        }
    }
}
