package dev.coatcheck.memcached;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Talks to memcached servers. Every key has one node, found by its name alone; a node that is away is not replaced by
 * another, so that no key is ever in two places. The list of nodes may change while the client runs.
 *
 * <pre>{@code
 * try (MemcachedClient client = MemcachedClient.builder().node("mc1:11211").node("mc2:11211").build()) {
 *     client.execute(Command.set("greeting", "hello".getBytes(UTF_8)).expire(60));
 *     Reply reply = client.execute(Command.get("greeting").value().secondsLeft().touch(60));
 * }
 * }</pre>
 *
 * <p>Safe for use by many threads, virtual ones too. Two threads of its own for each connection, one for the client, and one more where nodes
 * are discovered: all are daemons.
 */
public final class MemcachedClient implements AutoCloseable {
    private final NodeLists lists;
    private final @Nullable Discovery discovery;
    private final Duration timeout;
    private final ScheduledThreadPoolExecutor timer;

    private MemcachedClient(Builder builder) {
        timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "memcached timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        try {
            ClientSettings settings = builder.settings(timer);
            timeout = settings.timeout();
            NodeSource source = builder.source(settings);
            List<NodeSpec> first = source == null ? builder.nodes : Discovery.first(source);
            lists = new NodeLists(first, builder.former, settings, builder.rule, System::nanoTime);
            discovery = source == null ? null : new Discovery(source, lists, settings, builder.poll);
        } catch (RuntimeException | Error e) {
            timer.shutdown();
            throw e;
        }
        lists.start();
        if (discovery != null) {
            discovery.start();
        }
    }

    /** Begins with no node and every setting at its default. */
    public static Builder builder() {
        return new Builder();
    }

    /** All nodes of today's list, in the order in which they were given. */
    public List<MemcachedNode> nodes() {
        return placement().nodes();
    }

    /** How long a command may take. */
    public Duration timeout() {
        return timeout;
    }

    /** Which node has which key by today's list, and had by the one before. Does not change; a later call may give another. */
    public Placement placement() {
        return lists.placement();
    }

    /** The node that has a key. */
    public MemcachedNode owner(String key) {
        return placement().owner(key);
    }

    /** The node that had a key under the list before; null when that is the one that has it, or there was no list before. */
    public @Nullable MemcachedNode formerOwner(String key) {
        return placement().formerOwner(key);
    }

    /** The nodes of so many copies of a key, its owner first; see {@link Placement#owners}. */
    public List<MemcachedNode> owners(String key, int count) {
        return placement().owners(key, count);
    }

    // The list.

    /**
     * Makes this the list of nodes, in whatever order, and today's the one before. Nodes that stay, by name, address and zone,
     * keep their connections and counters; new ones are connected behind the callers; those that neither list has are closed
     * once their commands are answered. No I/O, and no command is lost.
     *
     * @return false when it is the list already
     * @throws IllegalArgumentException when it is empty, has more than 300 nodes or one twice, or is refused by
     *     {@link Builder#listRule}; the list stays as it is then
     * @throws IllegalStateException when the client is closed
     */
    public boolean change(List<NodeSpec> nodes) {
        return lists.change(nodes);
    }

    /**
     * Forgets the list before, when nothing is to be found by it any more. Nodes that only it has are closed once their
     * commands are answered.
     *
     * @throws IllegalStateException when the client is closed
     */
    public void forgetFormer() {
        lists.forgetFormer();
    }

    /** How long it is since the list was changed; very long when it never was. */
    public Duration listChangedFor() {
        return lists.unchangedFor();
    }

    // Commands.

    /** Sends a command to the owner of its key; see {@link MemcachedNode#execute(Command)}. */
    public Reply execute(Command command) {
        return owner(command.key()).execute(command);
    }

    /** Sends a command to the owner of its key; see {@link MemcachedNode#submit}. */
    public CompletableFuture<Reply> submit(Command command) {
        return owner(command.key()).submit(command);
    }

    /** Closes the connections. Commands on their way fail, and so do all later ones. */
    @Override
    public void close() {
        if (discovery != null) {
            discovery.close();
        }
        lists.close();
        // What bounds connections that are just being made still does.
        timer.shutdown();
    }

    /** The nodes. */
    @Override
    public String toString() {
        return "MemcachedClient" + nodes();
    }

    /** Nodes and settings. Not for use by two threads at once. */
    public static final class Builder {
        private static final Duration MIN_TIMEOUT = Duration.ofMillis(1);
        private static final Duration MAX_TIMEOUT = Duration.ofMinutes(1);

        private static final Duration MIN_POLL = Duration.ofSeconds(1);
        private static final Duration MAX_POLL = Duration.ofHours(1);

        private final List<NodeSpec> nodes = new ArrayList<>();
        private final List<NodeSpec> former = new ArrayList<>();
        private final List<NodeAddress> endpoints = new ArrayList<>();
        private @Nullable NodeSource source;
        Duration poll = Duration.ofSeconds(10);
        private ListRule rule = ListRule.any();
        private Duration timeout = Duration.ofMillis(250);
        private int connections = 2;
        private int maxOperations = 1_024;
        private long maxBytesInFlight = 16L << 20;
        private int maxValueBytes = 1 << 20;
        private int minNodes = 1;
        private @Nullable SSLContext tls;
        private Credentials credentials = Credentials.NONE;
        private NodeListener listener = event -> {};

        private Builder() {}

        /**
         * Adds a node whose name is its address, with the port: {@code mc1} and {@code MC1:11211} are both named
         * {@code mc1:11211}, and so have the same keys.
         *
         * @param address {@code host:port}, {@code [IPv6]:port}, {@code unix:/path}; a port that is left out is 11211
         * @throws IllegalArgumentException when it is none of these, or there already
         */
        public Builder node(String address) {
            return node(NodeSpec.at(address));
        }

        /**
         * Adds a node.
         *
         * @param name places keys: a server that moves to another address and keeps its name keeps its keys. 1 to 100
         *     letters, digits and characters of {@code -_.:/[]}
         * @throws IllegalArgumentException when the name or address is none, or is there already
         */
        public Builder node(String name, String address) {
            return node(name, address, "");
        }

        /**
         * Adds a node of a zone, which {@link MemcachedNode#zone()} tells.
         *
         * @param zone up to 64 letters, digits and characters of {@code -_.}
         * @throws IllegalArgumentException when one of the three is none, or name or address is there already
         */
        public Builder node(String name, String address, String zone) {
            return node(new NodeSpec(name, address, zone));
        }

        private Builder node(NodeSpec node) {
            NodeLists.add(node, nodes);
            return this;
        }

        /** As {@link #former(String, String)}, of a node whose name is its address. */
        public Builder former(String address) {
            NodeLists.add(NodeSpec.at(address), former);
            return this;
        }

        /**
         * Adds a node to the list of before, of all nodes that there were, those included that still are. Keys whose owner it
         * was are told by {@link MemcachedClient#formerOwner}. Where a node of today has the same name, it is that one.
         * Default: none.
         *
         * @throws IllegalArgumentException when the name or address is none, or is there already
         */
        public Builder former(String name, String address) {
            NodeLists.add(new NodeSpec(name, address, ""), former);
            return this;
        }

        /**
         * Takes the nodes from a source, which is asked in {@link #build()} and then again and again. What it cannot tell, or
         * tells and is refused, changes nothing: the log and the listener say why. Default: none; the nodes that are added are
         * the list.
         */
        public Builder discover(NodeSource source) {
            this.source = source;
            return this;
        }

        /**
         * Takes the nodes from the configuration endpoint of a cluster, as ElastiCache and Memorystore have one: it is asked
         * {@code config get cluster}, as {@link #discover} says. A node's name is its {@code host:port} there. Its version must
         * rise with each change. Called again it adds another endpoint, which is asked when those before give no list.
         *
         * @throws IllegalArgumentException when it is no address
         */
        public Builder cluster(String endpoint) {
            endpoints.add(NodeAddress.parse(endpoint));
            return this;
        }

        /**
         * How often a source is asked. Default 10 s.
         *
         * @throws IllegalArgumentException when less than 1 s or more than 1 h
         */
        public Builder poll(Duration interval) {
            if (interval.compareTo(MIN_POLL) < 0 || interval.compareTo(MAX_POLL) > 0) {
                throw new IllegalArgumentException("poll = " + interval + ": 1 s to 1 h is accepted");
            }
            poll = interval;
            return this;
        }

        /** Decides about each change of the list, whoever asks for it; not about the first one. Default: {@link ListRule#any()}. */
        public Builder listRule(ListRule rule) {
            this.rule = rule;
            return this;
        }

        /**
         * The fewest nodes that a list may have, this one and each later one; one that has fewer is refused. Default 1.
         *
         * @throws IllegalArgumentException when less than 1 or more than 300
         */
        public Builder minNodes(int nodes) {
            minNodes = within("minNodes", nodes, 1, NodeLists.MAX_NODES);
            return this;
        }

        /**
         * How long a command may take. Default 250 ms.
         *
         * @throws IllegalArgumentException when less than 1 ms or more than a minute
         */
        public Builder timeout(Duration timeout) {
            if (timeout.compareTo(MIN_TIMEOUT) < 0 || timeout.compareTo(MAX_TIMEOUT) > 0) {
                throw new IllegalArgumentException("timeout = " + timeout + ": 1 ms to 1 min is accepted");
            }
            this.timeout = timeout;
            return this;
        }

        /**
         * How many connections each node has. Default 2.
         *
         * @throws IllegalArgumentException when less than 1 or more than 64
         */
        public Builder connections(int connections) {
            this.connections = within("connections", connections, 1, 64);
            return this;
        }

        /**
         * How many commands may wait or be on their way to a node at a time; more fail at once. Default 1,024.
         *
         * @throws IllegalArgumentException when less than 1 or more than a million
         */
        public Builder maxOperations(int operations) {
            maxOperations = within("maxOperations", operations, 1, 1_000_000);
            return this;
        }

        /**
         * How many bytes of commands may wait or be on their way to a node at a time; more fail at once. Default 16 MB.
         *
         * @throws IllegalArgumentException when less than 1 kB or more than 1 GB
         */
        public Builder maxBytesInFlight(int bytes) {
            maxBytesInFlight = within("maxBytesInFlight", bytes, 1 << 10, 1 << 30);
            return this;
        }

        /**
         * The largest value that is read; one that claims to be larger ends the connection. Default 1 MB.
         *
         * @throws IllegalArgumentException when less than 1 or more than 128 MB
         */
        public Builder maxValueBytes(int bytes) {
            maxValueBytes = within("maxValueBytes", bytes, 1, 128 << 20);
            return this;
        }

        private static int within(String setting, int value, int min, int max) {
            if (value < min || value > max) {
                throw new IllegalArgumentException(
                        setting + " = " + value + ": " + min + " to " + max + " is accepted");
            }
            return value;
        }

        /** Speaks TLS to every node, whose certificate must be trusted by this context and bear the node's host name. Default: none. */
        public Builder tls(SSLContext context) {
            tls = context;
            return this;
        }

        /**
         * Signs in by memcached's ASCII authentication ({@code -Y}). Default: not at all. Without TLS the password is
         * readable on the way.
         *
         * @throws IllegalArgumentException when one of them is empty, longer than 250 bytes or has blanks or controls
         */
        public Builder credentials(String user, String password) {
            if (user.isEmpty()) {
                throw new IllegalArgumentException("credentials: a user name is needed");
            }
            credentials = new Credentials(user, password);
            return this;
        }

        /** Is told when nodes come and go, and when the list changes. Default: nobody. */
        public Builder listener(NodeListener listener) {
            this.listener = listener;
            return this;
        }

        private @Nullable NodeSource source(ClientSettings settings) {
            return endpoints.isEmpty() ? source : new ClusterSource(endpoints, settings);
        }

        ClientSettings settings(ScheduledExecutorService timer) {
            return new ClientSettings(
                    timeout,
                    connections,
                    maxOperations,
                    maxBytesInFlight,
                    maxValueBytes,
                    minNodes,
                    tls,
                    credentials,
                    listener,
                    timer);
        }

        /**
         * A client, which connects behind the callers: a node that cannot be reached now is tried again and again. A source of
         * nodes is asked first, and waited for.
         *
         * @throws IllegalArgumentException when there is no node, or TLS is to be spoken on a socket of the file system; when
         *     nodes are given in more than one way; when the list of a source is none
         * @throws MemcachedException when the source of the nodes cannot tell them
         */
        public MemcachedClient build() {
            int ways = (nodes.isEmpty() ? 0 : 1) + (endpoints.isEmpty() ? 0 : 1) + (source == null ? 0 : 1);
            if (ways > 1) {
                throw new IllegalArgumentException("nodes: by node, discover or cluster, and by one of them alone");
            }
            return new MemcachedClient(this);
        }
    }
}
