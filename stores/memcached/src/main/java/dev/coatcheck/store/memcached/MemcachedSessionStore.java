package dev.coatcheck.store.memcached;

import dev.coatcheck.SessionCache;
import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionStoreProvider;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.StoreHealth;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.memcached.MemcachedException;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.memcached.NodeStats;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

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

    /** After a node was away or became another process, or the list changed, absences are not remembered for this long. */
    private static final Duration UNSETTLED = Duration.ofSeconds(10);

    private final Copies.Parts parts;
    private final Copies copies;

    private final NodesHealth health;

    MemcachedSessionStore(Copies.Parts parts, boolean two) {
        this.parts = parts;
        copies = two ? new TwoCopies(parts) : new OneCopy(parts);
        health = new NodesHealth(parts.client(), parts.prefix(), System::nanoTime);
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
     * @throws SessionUnavailableException when the nodes are to be discovered, and nobody tells them
     */
    public static MemcachedSessionStore open(String url) {
        MemcachedUrl options = MemcachedUrl.parse(url);
        try {
            return checked(options.client(), options);
        } catch (MemcachedException e) {
            throw new SessionUnavailableException("The session store has no nodes: " + e.getMessage(), e);
        }
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
        Copies.Parts parts = new Copies.Parts(client, options.prefix(), options.maxValueBytes(), Clock.systemUTC());
        MemcachedSessionStore store = new MemcachedSessionStore(parts, options.copies() > 1);
        StartCheck.warn(store.health);
        return store;
    }

    @Override
    public Optional<Stored> load(Key key, Duration lease) {
        return copies.load(key, lease);
    }

    @Override
    public Optional<Stored> peek(Key key, Duration lease) {
        return copies.peek(key, lease);
    }

    @Override
    public Written create(Key key, byte[] value, Duration lease) {
        return copies.create(key, value, lease);
    }

    @Override
    public Written replace(Key key, byte[] value, Version seen, Duration lease) {
        return copies.replace(key, value, seen, lease);
    }

    @Override
    public boolean end(Key key, Instant until) {
        return copies.end(key, until);
    }

    @Override
    public Outcome end(Key key, Version seen, Instant until) {
        return copies.end(key, seen, until);
    }

    @Override
    public boolean keepsCopies() {
        return copies instanceof TwoCopies;
    }

    /** Sessions do not move then when the list of nodes changes. */
    @Override
    public void standInFront() {
        oneCopy().standInFront();
    }

    @Override
    public Cached claim(Key key, Duration lease) {
        return oneCopy().claim(key, lease);
    }

    @Override
    public Optional<Cached> see(Key key, Duration lease) {
        return oneCopy().see(key, lease);
    }

    @Override
    public boolean bury(Key key, Instant until) {
        return oneCopy().bury(key, until);
    }

    @Override
    public Duration steadyFor(Key key) {
        return oneCopy().steadyFor(key);
    }

    private OneCopy oneCopy() {
        if (copies instanceof OneCopy one) {
            return one;
        }
        throw new IllegalStateException("With copies=2 it is no cache of a durable store");
    }

    /** True: a key ring is required. */
    @Override
    public boolean leavesProcess() {
        return true;
    }

    @Override
    public int maxValueBytes() {
        return parts.maxValueBytes();
    }

    @Override
    public boolean settled() {
        return parts.client().listChangedFor().compareTo(UNSETTLED) > 0
                && parts.client().nodes().stream()
                        .allMatch(node -> node.isUp() && node.steadyFor().compareTo(UNSETTLED) > 0);
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
        parts.tellTo(receiver);
    }

    /** The nodes of now, to ask each alone. In the order of the URL, if it names them. */
    public List<MemcachedNode> nodes() {
        return parts.client().nodes();
    }

    /** What each node has counted, for metrics. No I/O. */
    public List<NodeStats> stats() {
        return parts.client().nodes().stream().map(MemcachedNode::stats).toList();
    }

    /** What has become of second copies, for metrics. All zero with one copy. No I/O. */
    public CopyStats copyStats() {
        return copies.stats();
    }

    /** Closes the connections. What is stored stays. */
    @Override
    public void close() {
        copies.close();
    }

    /** The nodes. */
    @Override
    public String toString() {
        return "MemcachedSessionStore" + parts.client().nodes();
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
