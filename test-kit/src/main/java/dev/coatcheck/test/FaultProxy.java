package dev.coatcheck.test;

import dev.coatcheck.test.ProxyFault.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy on a free port of this machine's loopback address, before one memcached, with faults that can be switched
 * while connections are open. It counts what passes and keeps the command lines.
 *
 * <pre>{@code
 * try (MemcachedServer server = MemcachedServer.start();
 *         FaultProxy proxy = FaultProxy.before(server)) {
 *     Client client = connect(proxy.address());
 *     proxy.dropReplies();          // the request is executed, its answer is lost
 *     client.write(...);
 *     proxy.heal();
 * }
 * }</pre>
 *
 * <p>One fault at a time: each takes the place of the one before, for open connections and for new ones, and is at work when
 * the method returns. The ones that happen once ({@link #cutAfter}, {@link #swapReplies}, {@link #duplicateReply},
 * {@link #closeInReply}) happen to whichever connection comes first, and are over then. Without a fault everything passes
 * as it comes, TLS too; swapping, doubling and closing in the middle need the text protocol in clear.
 *
 * <p>Safe for use by many threads; one daemon thread does the work, until {@link #close()}.
 */
public final class FaultProxy implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 30;
    private static final int MOST_REQUESTS = 100_000;

    private final InetSocketAddress target;
    private final Selector selector;
    private final int port;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private final AtomicInteger requestCount = new AtomicInteger();
    private final AtomicLong connections = new AtomicLong();
    private volatile int open;
    private final AtomicLong bytesToServer = new AtomicLong();
    private final AtomicLong bytesToClient = new AtomicLong();
    private final AtomicLong happened = new AtomicLong();
    private volatile boolean closed;

    // Of the thread alone, but for what toString shows.
    private volatile ProxyFault fault = ProxyFault.of(Kind.NONE);
    private final List<ProxiedConnection> pairs = new ArrayList<>();
    private @Nullable ServerSocketChannel listener;

    private FaultProxy(InetSocketAddress target) throws IOException {
        this.target = target;
        this.selector = Selector.open();
        this.port = listen(0);
        this.thread = new Thread(this::loop, "coatcheck-fault-proxy-" + port);
        this.thread.setDaemon(true);
    }

    /** Before this server, without a fault so far. */
    public static FaultProxy before(MemcachedServer server) {
        return before(server.host(), server.port());
    }

    /**
     * Before whatever listens there, without a fault so far. Nothing needs to listen yet.
     *
     * @throws IllegalArgumentException when the host is not known
     * @throws UncheckedIOException when there is no free port
     */
    public static FaultProxy before(String host, int port) {
        InetSocketAddress target = new InetSocketAddress(host, port);
        if (target.isUnresolved()) {
            throw new IllegalArgumentException("There is no host " + host);
        }
        try {
            FaultProxy proxy = new FaultProxy(target);
            proxy.thread.start();
            return proxy;
        } catch (IOException failed) {
            throw new UncheckedIOException("The proxy could not be started", failed);
        }
    }

    // Where it is.

    /** The address that it listens on: {@code 127.0.0.1}. */
    public String host() {
        return "127.0.0.1";
    }

    /** The port that it listens on, the same all the time. */
    public int port() {
        return port;
    }

    /** Host and port, as {@code 127.0.0.1:40123}. */
    public String address() {
        return host() + ":" + port;
    }

    // Faults.

    /** Refuses connections, and closes the open ones. */
    public FaultProxy refuse() {
        return become(ProxyFault.of(Kind.REFUSE));
    }

    /**
     * Accepts connections and says nothing, like a server that is frozen. What is sent meanwhile reaches the server when the
     * fault is over, even if the client has closed by then.
     */
    public FaultProxy acceptAndStaySilent() {
        return become(ProxyFault.of(Kind.SILENCE));
    }

    /** Delivers each chunk of a reply so much later than it came. */
    public FaultProxy delay(Duration lateness) {
        return become(ProxyFault.pausing(Kind.DELAY, lateness));
    }

    /** Delivers replies one byte at a time, with this pause before each. */
    public FaultProxy drip(Duration pause) {
        return become(ProxyFault.pausing(Kind.DRIP, pause));
    }

    /**
     * Lets so many more bytes of replies pass, all connections together, and closes the connection that would get the next
     * one. Happens once.
     */
    public FaultProxy cutAfter(int bytes) {
        return become(ProxyFault.cutting(bytes));
    }

    /** Changes bytes in each chunk of a reply, at least one. The seed, which {@link #toString()} shows, says which ones. */
    public FaultProxy garble(long seed) {
        return become(ProxyFault.garbling(seed));
    }

    /** Delivers the next reply of a connection after the one that follows it there, for which it waits. Happens once. */
    public FaultProxy swapReplies() {
        return become(ProxyFault.of(Kind.SWAP));
    }

    /** Delivers the next reply twice. Happens once. */
    public FaultProxy duplicateReply() {
        return become(ProxyFault.of(Kind.DUPLICATE));
    }

    /** Delivers the first half of the next reply and closes that connection. Happens once. */
    public FaultProxy closeInReply() {
        return become(ProxyFault.of(Kind.CLOSE_IN_REPLY));
    }

    /** Swallows replies: requests are executed, and their answers lost. */
    public FaultProxy dropReplies() {
        return become(ProxyFault.of(Kind.DROP_REPLIES));
    }

    /** Swallows requests: they are never executed. */
    public FaultProxy loseRequests() {
        return become(ProxyFault.of(Kind.LOSE_REQUESTS));
    }

    /** Nothing goes wrong any more. What was held back or late is delivered now, what was swallowed stays lost. */
    public FaultProxy heal() {
        return become(ProxyFault.of(Kind.NONE));
    }

    private FaultProxy become(ProxyFault next) {
        return inLoop(() -> {
            fault = next;
            if (next.is(Kind.REFUSE)) {
                if (listener != null) {
                    listener.close();
                    listener = null;
                }
                for (ProxiedConnection pair : pairs) {
                    happened.incrementAndGet();
                    pair.close();
                }
                // A channel that was registered is closed by the next selection.
                selector.selectNow();
                countOpen();
            } else if (listener == null) {
                listen(port);
            }
            for (ProxiedConnection pair : pairs) {
                pair.faultChanged();
            }
        });
    }

    // What passed.

    /** How many connections were accepted. */
    public long connections() {
        return connections.get();
    }

    /** How many of them the client has not closed, as far as has been noticed by now. */
    public int openConnections() {
        return open;
    }

    /** How many bytes went on to the server. */
    public long bytesToServer() {
        return bytesToServer.get();
    }

    /** How many bytes went on to clients. */
    public long bytesToClient() {
        return bytesToClient.get();
    }

    /** The command lines that clients sent, lost ones included, without data blocks; the first 100,000, in their order. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    /** How often a fault did harm: to a connection, a chunk or a reply. A test that needs the fault asks for it. */
    public long happened() {
        return happened.get();
    }

    /** Counts from zero again and forgets the command lines. Open connections stay counted as open. */
    public FaultProxy resetCounters() {
        return inLoop(() -> {
            connections.set(0);
            bytesToServer.set(0);
            bytesToClient.set(0);
            happened.set(0);
            requestCount.set(0);
            requests.clear();
        });
    }

    // The loop.

    private interface Task {
        void run() throws IOException;
    }

    /** Runs it in the proxy's thread and waits for it. */
    private FaultProxy inLoop(Task task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (closed) {
            throw new IllegalStateException("The proxy is closed");
        }
        tasks.add(() -> {
            try {
                if (closed) {
                    throw new IllegalStateException("The proxy was closed meanwhile");
                }
                task.run();
                done.complete(null);
            } catch (IOException | RuntimeException failed) {
                done.completeExceptionally(failed);
            }
        });
        selector.wakeup();
        try {
            done.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return this;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while a proxy changed", interrupted);
        } catch (ExecutionException | TimeoutException failed) {
            throw new IllegalStateException("The proxy could not change", failed);
        }
    }

    private int listen(int wanted) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted));
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_ACCEPT);
        } catch (IOException failed) {
            channel.close();
            throw failed;
        }
        listener = channel;
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    private void loop() {
        try {
            while (!closed) {
                select();
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                accept();
                pairs.forEach(ProxiedConnection::work);
                pairs.removeIf(ProxiedConnection::isClosed);
                open = (int)
                        pairs.stream().filter(ProxiedConnection::isClientThere).count();
            }
        } catch (IOException | RuntimeException failed) {
            throw new IllegalStateException("The proxy has failed", failed);
        } finally {
            end();
        }
    }

    private void countOpen() {
        open = (int) pairs.stream().filter(ProxiedConnection::isClientThere).count();
    }

    private void select() throws IOException {
        long now = System.nanoTime();
        long wait = Long.MAX_VALUE;
        for (ProxiedConnection pair : pairs) {
            wait = Math.min(wait, pair.prepare(now));
        }
        if (wait <= 0) {
            selector.selectNow();
        } else {
            selector.select(wait == Long.MAX_VALUE ? 0 : wait / 1_000_000 + 1);
        }
        selector.selectedKeys().clear();
    }

    private void accept() throws IOException {
        ServerSocketChannel from = listener;
        if (from == null) {
            return;
        }
        for (SocketChannel client = from.accept(); client != null; client = from.accept()) {
            connections.incrementAndGet();
            try {
                pairs.add(new ProxiedConnection(this, client));
            } catch (IOException goneAgain) {
                client.close();
            }
        }
    }

    private void end() {
        closed = true;
        pairs.forEach(ProxiedConnection::close);
        open = 0;
        tasks.forEach(Runnable::run);
        try {
            if (listener != null) {
                listener.close();
            }
            // Frees the ports of the closed channels too.
            selector.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    // For its connections, in its thread.

    ProxyFault fault() {
        return fault;
    }

    InetSocketAddress target() {
        return target;
    }

    Selector selector() {
        return selector;
    }

    void note(List<String> lines) {
        for (String line : lines) {
            if (requestCount.getAndIncrement() < MOST_REQUESTS) {
                requests.add(line);
            }
        }
    }

    void passedToServer(int bytes) {
        bytesToServer.addAndGet(bytes);
    }

    void passedToClient(int bytes) {
        bytesToClient.addAndGet(bytes);
    }

    void harmDone() {
        happened.incrementAndGet();
    }

    /** Closes all connections and the port, and waits for the thread to end. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Where it is, what it stands before, and its fault. */
    @Override
    public String toString() {
        return "FaultProxy[" + address() + " before " + target.getHostString() + ":" + target.getPort() + ", " + fault
                + "]";
    }
}
