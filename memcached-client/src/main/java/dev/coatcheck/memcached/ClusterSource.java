package dev.coatcheck.memcached;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Asks the configuration endpoint of a cluster, as ElastiCache and Memorystore have one: {@code config get cluster}. A new
 * connection each time, which says that the endpoint is there. For one thread at a time.
 */
final class ClusterSource implements NodeSource {
    /** Nobody waits for it but the start. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final List<NodeAddress> endpoints;
    private final ClientSettings settings;
    private @Nullable ClusterList last;

    ClusterSource(List<NodeAddress> endpoints, ClientSettings settings) {
        this.endpoints = List.copyOf(endpoints);
        this.settings = settings;
    }

    /** Of the first endpoint with a list that is good. */
    @Override
    public List<NodeSpec> nodes() throws IOException {
        IOException failure = new IOException("There is no endpoint");
        for (NodeAddress endpoint : endpoints) {
            try {
                return newer(ask(endpoint)).nodes();
            } catch (IOException | IllegalArgumentException e) {
                failure = new IOException(endpoint + ": " + Link.reason(e), e);
            }
        }
        throw failure;
    }

    private ClusterList newer(ClusterList list) throws IOException {
        ClusterList before = last;
        if (before != null && list.version() < before.version()) {
            throw new IOException(
                    "its list has version " + list.version() + ", and version " + before.version() + " has been seen");
        }
        if (before != null && list.version() == before.version() && !list.equals(before)) {
            throw new IOException("its list is another one under the same version, " + list.version());
        }
        last = list;
        return list;
    }

    private ClusterList ask(NodeAddress endpoint) throws IOException {
        Wire wire = endpoint.connect(settings);
        AtomicBoolean late = new AtomicBoolean();
        Future<?> limit = settings.later(
                () -> {
                    late.set(true);
                    wire.close();
                },
                PATIENCE.toNanos());
        try {
            wire.secure();
            return ask(wire);
        } catch (IOException e) {
            throw late.get() ? new SocketTimeoutException("no answer within two seconds") : e;
        } finally {
            limit.cancel(false);
            wire.close();
        }
    }

    private ClusterList ask(Wire wire) throws IOException {
        ReplyInput in = new ReplyInput(wire);
        String head = ask("config get cluster", wire, in);
        if (head.startsWith("CLIENT_ERROR unauth")) {
            new Handshake(wire, in).signIn(settings.credentials());
            head = ask("config get cluster", wire, in);
        }
        if (head.startsWith("ERROR")) {
            head = ask("get AmazonElastiCache:cluster", wire, in);
        }
        return ClusterList.read(head, in);
    }

    private static String ask(String command, Wire wire, ReplyInput in) throws IOException {
        byte[] bytes = (command + "\r\n").getBytes(StandardCharsets.US_ASCII);
        wire.write(bytes, 0, bytes.length);
        return in.line().shown();
    }
}
