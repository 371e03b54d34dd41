package dev.coatcheck.test;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for the configuration endpoint of a memcached cluster, as ElastiCache and Memorystore have one, on a free port of
 * this machine's loopback address: it answers {@code config get cluster} with a version and the nodes. Everything else is
 * {@code ERROR}.
 *
 * <pre>{@code
 * try (MemcachedServer one = MemcachedServer.start();
 *         MemcachedServer two = MemcachedServer.start();
 *         ClusterEndpoint endpoint = ClusterEndpoint.of(one.address())) {
 *     Client client = connect(endpoint.address());
 *     endpoint.list(one.address(), two.address());
 * }
 * }</pre>
 *
 * <p>Safe for use by many threads; daemon threads do the work, until {@link #close()}.
 */
public final class ClusterEndpoint implements AutoCloseable {
    private static final String ASKED = "config get cluster";
    private static final String ASKED_BEFORE = "get AmazonElastiCache:cluster";

    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong asked = new AtomicLong();
    private volatile String body = "";
    private volatile long version;
    private volatile boolean old;
    /** Instead of the right answer; empty: none at all. */
    private volatile @Nullable String wrong;

    private final Thread acceptor;

    private ClusterEndpoint() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        acceptor = daemon(this::accept);
    }

    /**
     * Starts one whose list has version 1.
     *
     * @param nodes {@code host:port} of each
     * @throws UncheckedIOException when there is no free port
     */
    public static ClusterEndpoint of(String... nodes) {
        try {
            ClusterEndpoint endpoint = new ClusterEndpoint();
            endpoint.list(nodes);
            endpoint.acceptor.start();
            return endpoint;
        } catch (IOException failed) {
            throw new UncheckedIOException("The endpoint could not be started", failed);
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "coatcheck-cluster-endpoint");
        thread.setDaemon(true);
        return thread;
    }

    /** Host and port, as {@code 127.0.0.1:40123}. */
    public String address() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    // What it says.

    /** Another list from now on, under the next version. Without nodes it is empty, as while a cluster is being made. */
    public ClusterEndpoint list(String... nodes) {
        return list(version + 1, nodes);
    }

    /** Another list from now on, under this version. */
    public ClusterEndpoint list(long version, String... nodes) {
        this.version = version;
        body = version + "\n" + Arrays.stream(nodes).map(ClusterEndpoint::entry).collect(Collectors.joining(" "))
                + "\n";
        return this;
    }

    private static String entry(String node) {
        int colon = node.lastIndexOf(':');
        String host = node.substring(0, colon);
        return host + "|" + (host.matches("[0-9.]+") ? host : "") + "|" + node.substring(colon + 1);
    }

    /** Knows the way of asking alone that came first, {@code get AmazonElastiCache:cluster}. */
    public ClusterEndpoint beOld() {
        old = true;
        return this;
    }

    /** Says this instead of its list, until {@link #heal()}: byte for byte, in ISO 8859-1, line ends included. */
    public ClusterEndpoint say(String answer) {
        wrong = answer;
        return this;
    }

    /** Takes connections and questions and says nothing, until {@link #heal()}. */
    public ClusterEndpoint staySilent() {
        return say("");
    }

    /** Says its list again. */
    public ClusterEndpoint heal() {
        wrong = null;
        return this;
    }

    /** The right answer of now, for tests that garble it. */
    public String answer() {
        String head = old ? "VALUE AmazonElastiCache:cluster" : "CONFIG cluster";
        return head + " 0 " + body.length() + "\r\n" + body + "\r\nEND\r\n";
    }

    /** How often it was asked for its list, in the way that it knows. */
    public long asked() {
        return asked.get();
    }

    // How.

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                daemon(() -> talk(socket)).start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void talk(Socket socket) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                socket.getOutputStream().write(answerTo(line).getBytes(StandardCharsets.ISO_8859_1));
            }
        } catch (IOException gone) {
            // The client has hung up, or this is closed.
        } finally {
            open.remove(socket);
        }
    }

    private String answerTo(String line) {
        boolean known = line.equals(old ? ASKED_BEFORE : ASKED);
        if (known) {
            asked.incrementAndGet();
        }
        String instead = wrong;
        if (instead != null) {
            return instead;
        }
        return known ? answer() : "ERROR\r\n";
    }

    /** Frees the port and ends the connections: it refuses new ones. */
    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : open) {
                socket.close();
            }
            // The system keeps the port as long as somebody still waits at it.
            acceptor.join();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
