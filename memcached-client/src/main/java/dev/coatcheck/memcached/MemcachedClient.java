package dev.coatcheck.memcached;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Talks to memcached servers. Every key has one node, found by its name alone; a node that is away is not replaced by
 * another, so that no key is ever in two places.
 *
 * <pre>{@code
 * try (MemcachedClient client = MemcachedClient.builder().node("mc1:11211").node("mc2:11211").build()) {
 *     client.execute(Command.set("greeting", "hello".getBytes(UTF_8)).expire(60));
 *     Reply reply = client.execute(Command.get("greeting").value().secondsLeft().touch(60));
 * }
 * }</pre>
 *
 * <p>Safe for use by many threads, virtual ones too. Two threads of its own for each connection, and one more: all are daemons.
 */
public final class MemcachedClient implements AutoCloseable {
    private final List<MemcachedNode> nodes = new ArrayList<>();
    private final Placement placement;
    private final Duration timeout;
    private final ScheduledThreadPoolExecutor timer;

    private MemcachedClient(Builder builder) {
        timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "memcached timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        ClientSettings settings = builder.settings(timer);
        timeout = settings.timeout();
        builder.nodes.forEach((name, address) -> nodes.add(new MemcachedNode(name, address, settings)));
        placement = new Placement(nodes);
        nodes.forEach(MemcachedNode::start);
    }

    /** Begins with no node and every setting at its default. */
    public static Builder builder() {
        return new Builder();
    }

    /** All nodes, in the order in which they were given. */
    public List<MemcachedNode> nodes() {
        return List.copyOf(nodes);
    }

    /** How long a command may take. */
    public Duration timeout() {
        return timeout;
    }

    /** The node that has a key. */
    public MemcachedNode owner(String key) {
        return placement.owner(key);
    }

    /** All nodes: the key's owner first, then the one that would have the key without it, and so on. */
    public List<MemcachedNode> ranked(String key) {
        return placement.ranked(key);
    }

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
        nodes.forEach(MemcachedNode::close);
        // What bounds connections that are just being made still does.
        timer.shutdown();
    }

    /** The nodes. */
    @Override
    public String toString() {
        return "MemcachedClient" + nodes;
    }

    /** Nodes and settings. Not for use by two threads at once. */
    public static final class Builder {
        private static final Duration MIN_TIMEOUT = Duration.ofMillis(1);
        private static final Duration MAX_TIMEOUT = Duration.ofMinutes(1);

        private final Map<String, NodeAddress> nodes = new LinkedHashMap<>();
        private Duration timeout = Duration.ofMillis(250);
        private int connections = 2;
        private int maxOperations = 1_024;
        private long maxBytesInFlight = 16L << 20;
        private int maxValueBytes = 1 << 20;
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
            return node(NodeAddress.parse(address).toString(), address);
        }

        /**
         * Adds a node.
         *
         * @param name places keys: a server that moves to another address and keeps its name keeps its keys. 1 to 100
         *     letters, digits and characters of {@code -_.:/[]}
         * @throws IllegalArgumentException when the name or address is none, or is there already
         */
        public Builder node(String name, String address) {
            if (!name.matches("[A-Za-z0-9_.:/\\[\\]-]{1,100}")) {
                throw new IllegalArgumentException(
                        "node name: 1 to 100 letters, digits and characters of -_.:/[] are accepted");
            }
            NodeAddress parsed = NodeAddress.parse(address);
            if (nodes.containsValue(parsed) || nodes.putIfAbsent(name, parsed) != null) {
                throw new IllegalArgumentException("node '" + name + "': it is there already");
            }
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

        /** Is told when nodes come and go. Default: nobody. */
        public Builder listener(NodeListener listener) {
            this.listener = listener;
            return this;
        }

        private ClientSettings settings(ScheduledThreadPoolExecutor timer) {
            return new ClientSettings(
                    timeout,
                    connections,
                    maxOperations,
                    maxBytesInFlight,
                    maxValueBytes,
                    tls,
                    credentials,
                    listener,
                    timer);
        }

        /**
         * A client, which connects behind the callers: a node that cannot be reached now is tried again and again.
         *
         * @throws IllegalArgumentException when there is no node, or TLS is to be spoken on a socket of the file system
         */
        public MemcachedClient build() {
            if (nodes.isEmpty()) {
                throw new IllegalArgumentException("nodes: at least one is needed");
            }
            if (tls != null && nodes.values().stream().anyMatch(NodeAddress.Unix.class::isInstance)) {
                throw new IllegalArgumentException("tls: it is not spoken on sockets of the file system (unix:)");
            }
            return new MemcachedClient(this);
        }
    }
}
