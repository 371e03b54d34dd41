package dev.coatcheck.test;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A real memcached, as a process of its own on this machine's loopback address, that tests can stop, kill, freeze, restart,
 * fill, count and search.
 *
 * <pre>{@code
 * try (MemcachedServer server = MemcachedServer.start("-m", "8")) {
 *     MemcachedCommands sent = server.during(() -> browser.visit(session -> session.set(HITS, 1)));
 *     assertThat(sent.total()).isEqualTo(1);
 *     search.assertAbsent("the store", server.dumpBytes());
 * }
 * }</pre>
 *
 * <p>The program is the one that the system property {@code coatcheck.memcached} or the environment variable
 * {@code COATCHECK_MEMCACHED} names, or else {@code memcached} on the path, in {@code /usr/bin}, {@code /usr/local/bin} or
 * {@code /opt/homebrew/bin}. The server ends with {@link #close()}, and with this JVM if that ends in an orderly way.
 *
 * <p>What asks the server opens a connection of its own, gives up after 10 seconds, and throws
 * {@link UncheckedIOException} when it gets no answer, as from a server that is stopped or frozen. A server with TLS
 * ({@code -Z}) is asked through a second port without it; one with a file of users ({@code -Y}) as the first user in it.
 * {@link #stats()} and {@link #keys()} add nothing to the counters; the other questions say what they add.
 *
 * <p>Starting, stopping and freezing is for one thread at a time, all else for many.
 */
public final class MemcachedServer implements AutoCloseable {
    /** So many other ports are tried when somebody else takes the free one first. */
    private static final int TRIES = 20;

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int BATCH_BYTES = 256 * 1024;
    private static final int LISTS = 8;
    private static final long LIST_PAUSE_NANOS = 5_000_000;

    private final List<String> options;
    private final @Nullable Path unixSocket;
    private final int port;
    private final int controlPort;
    private final AtomicLong othersItems = new AtomicLong();
    private volatile MemcachedProcess process;

    private MemcachedServer(@Nullable Path unixSocket, int port, String... options) {
        this.unixSocket = unixSocket;
        this.port = port;
        this.options = List.of(options);
        this.controlPort = this.options.contains("-Z") || this.options.contains("--enable-ssl") ? freePort() : port;
        this.process = launch();
    }

    /**
     * Starts a server on a free port; it answers when this returns.
     *
     * @param extraOptions options of memcached, such as {@code "-m", "8"}, {@code "-M"} or {@code "-I", "1m"}; port, address
     *     and user are set already
     * @throws IllegalStateException when there is no memcached on this machine, or when it does not start with these options
     */
    public static MemcachedServer start(String... extraOptions) {
        for (int tries = 1; ; tries++) {
            try {
                return new MemcachedServer(null, freePort(), extraOptions);
            } catch (MemcachedProcess.PortTakenException taken) {
                if (tries == TRIES) {
                    throw taken;
                }
            }
        }
    }

    /**
     * Starts a server on this port; it answers when this returns.
     *
     * @throws IllegalStateException when there is no memcached, when it does not start, or when the port is taken
     */
    public static MemcachedServer startAt(int port, String... extraOptions) {
        return new MemcachedServer(null, port, extraOptions);
    }

    /**
     * Starts a server on a Unix socket and on no port; it answers when this returns.
     *
     * @param socket where no file is yet; a path of at most about 100 bytes
     * @throws IllegalStateException when there is no memcached, or when it does not start
     */
    public static MemcachedServer startOnUnixSocket(Path socket, String... extraOptions) {
        return new MemcachedServer(socket, 0, extraOptions);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException noPort) {
            throw new UncheckedIOException("There is no free port", noPort);
        }
    }

    private MemcachedProcess launch() {
        List<String> arguments = new ArrayList<>();
        if (unixSocket != null) {
            arguments.addAll(List.of("-s", unixSocket.toString()));
        } else {
            String control = controlPort == port ? "" : ",notls:" + host() + ":" + controlPort;
            arguments.addAll(List.of("-U", "0", "-p", String.valueOf(port), "-l", address() + control));
        }
        arguments.addAll(options);
        return MemcachedProcess.start(arguments, this::pidOf);
    }

    // Where it is.

    /** The address that it listens on: {@code 127.0.0.1}. */
    public String host() {
        return "127.0.0.1";
    }

    /**
     * The port that it listens on.
     *
     * @throws IllegalStateException when it listens on a Unix socket
     */
    public int port() {
        if (unixSocket != null) {
            throw new IllegalStateException("This server listens on a Unix socket");
        }
        return port;
    }

    /** Host and port, as {@code 127.0.0.1:40123}, or the path of its Unix socket. */
    public String address() {
        return unixSocket == null ? host() + ":" + port : unixSocket.toString();
    }

    /** The process id of the server that runs, or of the last one that ran. */
    public long pid() {
        return process.pid();
    }

    /** Whether its process is there, be it frozen. */
    public boolean isRunning() {
        return process.isAlive();
    }

    // What can happen to it.

    /** Ends it by SIGTERM and waits until it has ended, about a second. Does nothing when it has ended already. */
    public void stop() {
        process.stop();
    }

    /** Ends it by SIGKILL and waits until it has ended. */
    public void kill() {
        process.kill();
    }

    /**
     * Stops it in its tracks (SIGSTOP). Connections stay and new ones are accepted, by the system; what is sent is executed
     * after {@link #thaw()}. When this returns every thread of it stands still.
     */
    public void freeze() {
        process.freeze();
    }

    /** Lets a frozen server go on. When this returns it goes on, and may not have answered yet. */
    public void thaw() {
        process.thaw();
    }

    /** Kills it if it runs and starts it again: empty, at the same address, with the same options, under another pid. */
    public void restart() {
        kill();
        process = launch();
    }

    /**
     * Stops it with its contents kept, and starts it again with them, under another pid. Takes about two seconds: a server
     * that comes back sooner begins empty, since it takes its own last moment for one that is yet to come.
     *
     * @throws IllegalStateException when it was started without {@code "-e"} and the name of a file to keep them in
     */
    public void restartWarm() {
        int file = options.indexOf("-e") + 1;
        if (file == 0) {
            throw new IllegalStateException("A warm restart needs the option -e and the name of a file");
        }
        process.stopForWarmRestart(Path.of(options.get(file) + ".meta"));
        process = launch();
    }

    /** Kills it if it runs, which is quicker than to stop it, and frees its port. */
    @Override
    public void close() {
        kill();
        if (unixSocket != null) {
            try {
                Files.deleteIfExists(unixSocket);
            } catch (IOException stays) {
                throw new UncheckedIOException(stays);
            }
        }
    }

    // What it says of itself.

    /** The general {@code stats}, by name, sorted. */
    public Map<String, String> stats() {
        return ask(MemcachedServer::stats);
    }

    private static Map<String, String> stats(MemcachedTalk talk) throws IOException {
        Map<String, String> stats = new TreeMap<>();
        talk.send("stats\r\n");
        for (String line = talk.line(); !line.equals("END"); line = talk.line()) {
            String[] parts = line.split(" ", 3);
            if (!parts[0].equals("STAT")) {
                throw new IOException("Unexpected in stats: " + line);
            }
            stats.put(parts[1], parts.length > 2 ? parts[2] : "");
        }
        return stats;
    }

    /** The commands that it has counted since its process began. */
    public MemcachedCommands commands() {
        return MemcachedCommands.of(stats());
    }

    /** The commands that it counted while this ran; other clients' at the same time included. */
    public MemcachedCommands during(Runnable work) {
        MemcachedCommands before = commands();
        work.run();
        return commands().minus(before);
    }

    /** The keys of all items that are there, sorted. Not all of what is written or deleted meanwhile. */
    public Set<String> keys() {
        return ask(MemcachedServer::keys);
    }

    /**
     * The server's list may lack an item that is just being moved between its queues, as what was read is. So it is asked
     * again, until all are there that it counts; it counts expired and flushed ones too.
     */
    private static Set<String> keys(MemcachedTalk talk) throws IOException {
        Set<String> keys = new TreeSet<>();
        for (int round = 1; round <= LISTS; round++) {
            list(talk, keys);
            if (keys.size() >= Long.parseLong(stats(talk).getOrDefault("curr_items", "0"))) {
                break;
            }
            LockSupport.parkNanos(LIST_PAUSE_NANOS);
        }
        return keys;
    }

    private static void list(MemcachedTalk talk, Set<String> keys) throws IOException {
        talk.send("lru_crawler metadump all\r\n");
        for (String line = talk.line(); !line.equals("END"); line = talk.line()) {
            if (line.startsWith("BUSY")) {
                // The crawler is on a round of its own.
                talk.send("lru_crawler metadump all\r\n");
            } else if (line.startsWith("key=")) {
                keys.add(decoded(line.substring(4, line.indexOf(' '))));
            } else {
                throw new IOException("Unexpected in the list of keys: " + line.split(" ")[0]);
            }
        }
    }

    /** Byte for byte, as keys are elsewhere here; a plus sign is itself. */
    private static String decoded(String key) {
        ByteBuffer bytes = ByteBuffer.allocate(key.length());
        for (int i = 0; i < key.length(); i++) {
            if (key.charAt(i) == '%') {
                bytes.put((byte) Integer.parseInt(key.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.put((byte) key.charAt(i));
            }
        }
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
    }

    /** All items that are there: key and value, sorted by key. Each counts as a hit. */
    public Map<String, byte[]> dump() {
        return ask(talk -> {
            Map<String, byte[]> dump = new LinkedHashMap<>();
            for (String key : keys(talk)) {
                byte[] value = read(talk, key);
                if (value != null) {
                    dump.put(key, value);
                }
            }
            return dump;
        });
    }

    /** Whatever a reader of the store sees: each key and each value. Each item counts as a hit. */
    public List<byte[]> dumpBytes() {
        List<byte[]> all = new ArrayList<>();
        dump().forEach((key, value) -> {
            all.add(key.getBytes(StandardCharsets.ISO_8859_1));
            all.add(value);
        });
        return all;
    }

    // What others do to it.

    /** The value of a key, not renewed; empty when there is none. Counts as a hit or a miss. */
    public Optional<byte[]> get(String key) {
        return ask(talk -> Optional.ofNullable(read(talk, key)));
    }

    private static byte @Nullable [] read(MemcachedTalk talk, String key) throws IOException {
        String line = talk.ask("mg " + key + " v");
        return line.startsWith("VA ") ? talk.data(line) : null;
    }

    /**
     * Stores a value, whatever was there, with client flags of 0. Counts as a set.
     *
     * @param life at least a second and at most 30 days; the server counts whole seconds
     * @throws IllegalStateException when the server refuses it
     */
    public void put(String key, byte[] value, Duration life) {
        String reply = ask(talk -> talk.ask("ms " + key + " " + value.length + " T" + life.toSeconds(), value));
        if (!reply.startsWith("HD")) {
            throw new IllegalStateException("Not stored: " + reply);
        }
    }

    /** Deletes a key, as by eviction; whether it was there. Counts as a delete. */
    public boolean delete(String key) {
        return ask(talk -> talk.ask("md " + key)).startsWith("HD");
    }

    /** Deletes all items. Counts as one other command. */
    public void flush() {
        ask(talk -> talk.ask("flush_all"));
    }

    /**
     * Fills it with other people's items until it evicts something, or refuses one if it was started with {@code -M}. An item
     * makes room among those of about its own size first. Each counts as a set.
     *
     * @param valueBytes the size of each value
     * @return how many were written
     */
    public int fill(int valueBytes) {
        long evictions = evictions();
        int batch = Math.max(1, BATCH_BYTES / (valueBytes + 100));
        int written = 0;
        int refused;
        do {
            refused = fill(valueBytes, batch);
            written += batch - refused;
        } while (refused == 0 && evictions() == evictions);
        return written;
    }

    private long evictions() {
        return Long.parseLong(stats().getOrDefault("evictions", "0"));
    }

    /**
     * Writes so many of other people's items, whatever has to go for them. Each counts as a set.
     *
     * @param valueBytes the size of each value
     * @return how many of them were refused
     */
    public int fill(int valueBytes, int items) {
        byte[] end = (" " + valueBytes + " T3600 q\r\n").getBytes(StandardCharsets.ISO_8859_1);
        return ask(talk -> {
            int refused = 0;
            for (int i = 0; i < items; i++) {
                byte[] key = ("ms elsewhere:" + othersItems.incrementAndGet()).getBytes(StandardCharsets.ISO_8859_1);
                ByteBuffer request = ByteBuffer.allocate(key.length + end.length + valueBytes + 2);
                request.put(key)
                        .put(end)
                        .position(request.capacity() - 2)
                        .put((byte) '\r')
                        .put((byte) '\n');
                talk.send(request.array());
                if (i % 64 == 63 || i == items - 1) {
                    for (String line = talk.ask("mn"); !line.equals("MN"); line = talk.line()) {
                        refused++;
                    }
                }
            }
            return refused;
        });
    }

    // The conversation.

    /** A connection for a test, on which it may say what it likes; authenticated where that is needed. */
    MemcachedTalk talk() throws IOException {
        SocketAddress control = unixSocket == null
                ? new InetSocketAddress(host(), controlPort)
                : UnixDomainSocketAddress.of(unixSocket);
        MemcachedTalk talk = MemcachedTalk.open(control, PATIENCE);
        int users = options.indexOf("-Y");
        if (users >= 0) {
            String login =
                    Files.readAllLines(Path.of(options.get(users + 1))).get(0).replaceFirst(":", " ");
            talk.ask("set login 0 0 " + login.length(), login.getBytes(StandardCharsets.ISO_8859_1));
        }
        return talk;
    }

    /** Empty as long as nobody answers there. */
    private Optional<Long> pidOf() {
        try {
            return Optional.of(Long.valueOf(stats().getOrDefault("pid", "0")));
        } catch (UncheckedIOException notYet) {
            return Optional.empty();
        }
    }

    private <R> R ask(Question<R> question) {
        try (MemcachedTalk talk = talk()) {
            return question.ask(talk);
        } catch (EOFException closed) {
            throw new UncheckedIOException("memcached closed the connection", closed);
        } catch (IOException failed) {
            throw new UncheckedIOException("memcached did not answer", failed);
        }
    }

    @FunctionalInterface
    private interface Question<R> {
        R ask(MemcachedTalk talk) throws IOException;
    }

    /** Its address and its process. */
    @Override
    public String toString() {
        return "MemcachedServer[" + address() + ", " + process + "]";
    }
}
