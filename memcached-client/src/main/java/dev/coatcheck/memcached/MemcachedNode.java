package dev.coatcheck.memcached;

import dev.coatcheck.memcached.MemcachedException.Fate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One memcached server, with the connections to it, which all callers share. A node that does not answer is asked nothing
 * until it does: its commands fail at once. Connections are made and made anew behind the callers.
 *
 * <p>Safe for use by many threads, virtual ones too; no lock is held.
 */
public final class MemcachedNode {
    private static final Logger LOG = LoggerFactory.getLogger(MemcachedClient.class);
    private static final long NEVER = Long.MIN_VALUE;

    private final NodeSpec spec;
    private final String name;
    private final NodeAddress address;
    private final ClientSettings settings;
    private final List<Lane> lanes = new ArrayList<>();
    private final Counters counters = new Counters();
    private final AtomicInteger operations = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger judges = new AtomicInteger();
    private final AtomicReference<@Nullable ServerInfo> server = new AtomicReference<>();
    private final CompletableFuture<ServerInfo> firstContact = new CompletableFuture<>();
    private volatile boolean silent;
    private volatile boolean closed;
    private volatile long disturbedAt = NEVER;
    private volatile State state = State.NEW;
    private volatile String lastReason = "";

    private enum State {
        NEW,
        UP,
        DOWN
    }

    MemcachedNode(NodeSpec spec, ClientSettings settings) {
        this.spec = spec;
        name = spec.name();
        address = NodeAddress.parse(spec.address());
        this.settings = settings;
        for (int i = 0; i < settings.connections(); i++) {
            lanes.add(new Lane(this, i));
        }
    }

    void start() {
        lanes.forEach(Lane::start);
    }

    // For callers.

    /** The node's name, which places keys: its address unless it was given another. */
    public String name() {
        return name;
    }

    /** What fails together with it, as a building does; empty when that is not known. */
    public String zone() {
        return spec.zone();
    }

    /** Whether it answers. */
    public boolean isUp() {
        return !closed && !silent && lanes.stream().anyMatch(Lane::isOpen);
    }

    /** What the server said of itself at its newest connection; null before the first. */
    public @Nullable ServerInfo server() {
        return server.get();
    }

    /**
     * What came of the first connection: what the server said of itself, {@link UnfitServerException}, or a
     * {@link MemcachedException} when it was not reached. Never completed again.
     */
    public CompletableFuture<ServerInfo> firstContact() {
        return firstContact.copy();
    }

    /** How long it is since the node was away or became another process; very long when it never was. */
    public Duration steadyFor() {
        long at = disturbedAt;
        return at == NEVER ? Duration.ofDays(365) : Duration.ofNanos(System.nanoTime() - at);
    }

    /** What the node has counted. */
    public NodeStats stats() {
        return new NodeStats(
                name,
                isUp(),
                counters.operations.sum(),
                counters.hits.sum(),
                counters.misses.sum(),
                counters.timeouts.sum(),
                counters.notSent.sum(),
                counters.refused.sum(),
                counters.connections.sum(),
                operations.get(),
                counters.bytesSent.sum(),
                counters.bytesReceived.sum(),
                counters.latencies());
    }

    /**
     * Asks the server for its own statistics, on a connection that is made for it and closed again: nobody's commands wait
     * behind it. Five round trips beside the making of the connection.
     *
     * @param ownPrefix what the caller's own keys begin with, by which foreign ones are told; they are counted and not kept
     * @param timeout for all of it
     * @return completed by a thread of the client, with a {@link MemcachedException} when there are no statistics in time or
     *     they are none of memcached's. The message says why
     */
    public CompletableFuture<ServerStats> serverStats(String ownPrefix, Duration timeout) {
        return Inquiry.begin(this, ownPrefix, timeout);
    }

    /** As {@link #execute(Command, Duration)}, within the client's timeout. */
    public Reply execute(Command command) {
        return execute(command, settings.timeout());
    }

    /**
     * Sends a command and waits for its reply. One round trip.
     *
     * @param timeout for all of it: waiting for a connection, sending, the answer
     * @throws MemcachedException when there is no reply; {@link MemcachedException#fate()} says whether the command can have
     *     happened. Also when this thread is interrupted: its status stays set, and nobody else's command suffers
     */
    public Reply execute(Command command, Duration timeout) {
        return send(command, timeout).await();
    }

    /**
     * Sends a command, whose reply is waited for later: so that several nodes are asked in one round trip. It must be waited
     * for, by this thread.
     *
     * @param timeout for all of it, from now on
     */
    public PendingReply send(Command command, Duration timeout) {
        try {
            if (Thread.currentThread().isInterrupted()) {
                counters.operations.increment();
                throw notSent("the caller was interrupted before");
            }
            return new PendingReply(this, begin(command, timeout), null);
        } catch (MemcachedException e) {
            return new PendingReply(this, null, e);
        }
    }

    /** The command keeps its place until its reply or its deadline. */
    MemcachedException interrupted(Call call) {
        if (call.takeBack()) {
            return notSent("the caller was interrupted before it was sent");
        }
        CompletableFuture<Reply> unused = boundInTime(call);
        return new MemcachedException(Fate.UNKNOWN, "Interrupted while waiting for an answer of " + name);
    }

    /**
     * Sends a command. The future is completed by a thread of the client, with a {@link MemcachedException} at the latest
     * when the client's timeout is over; what depends on it must not block, or goes to another executor.
     */
    public CompletableFuture<Reply> submit(Command command) {
        Call call;
        try {
            call = begin(command, settings.timeout());
        } catch (MemcachedException e) {
            return CompletableFuture.failedFuture(e);
        }
        return boundInTime(call);
    }

    private CompletableFuture<Reply> boundInTime(Call call) {
        Future<?> limit = settings.later(call::expire, call.left());
        // One of its own, which callers may cancel, and whose failure is as it is and wrapped in nothing.
        CompletableFuture<Reply> answer = new CompletableFuture<>();
        CompletableFuture<Reply> unused = call.future().whenComplete((reply, failure) -> {
            limit.cancel(false);
            if (failure == null) {
                answer.complete(reply);
            } else {
                answer.completeExceptionally(failure);
            }
        });
        return answer;
    }

    private Call begin(Command command, Duration timeout) {
        counters.operations.increment();
        if (silent || closed) {
            throw notSent(closed ? "the client is closed" : "it does not answer");
        }
        Lane lane = lanes.get((int) Long.remainderUnsigned(KeyHash.of(command.key()), lanes.size()));
        Call call = new Call(command, this, timeout.toNanos());
        boolean fewEnough = operations.incrementAndGet() <= settings.maxOperations();
        boolean smallEnough = bytes.addAndGet(call.bytes()) <= settings.maxBytesInFlight();
        if (!fewEnough || !smallEnough) {
            left(call);
            throw notSent("more is on its way than " + (fewEnough ? "maxBytesInFlight" : "maxOperations") + " allows");
        }
        lane.submit(call);
        return call;
    }

    private MemcachedException notSent(String reason) {
        counters.notSent.increment();
        return new MemcachedException(Fate.NOT_SENT, name + ": " + reason);
    }

    // For lists.

    NodeSpec spec() {
        return spec;
    }

    /** Whether nothing waits or is on its way. */
    boolean isIdle() {
        return operations.get() == 0;
    }

    // For lanes.

    ClientSettings settings() {
        return settings;
    }

    NodeAddress address() {
        return address;
    }

    Counters counters() {
        return counters;
    }

    boolean isSilent() {
        return silent;
    }

    void left(Call call) {
        operations.decrementAndGet();
        bytes.addAndGet(-call.bytes());
    }

    /** A command was not answered in time. Told by the thread that makes the next connection and tells what answers. */
    void silent() {
        silent = true;
        judge("it does not answer");
    }

    /** The server answered on a new connection, which will be used now. */
    void answered(ServerInfo info) {
        counters.connections.increment();
        ServerInfo before = server.getAndSet(info);
        silent = false;
        if (before != null && !before.identity().equals(info.identity())) {
            disturbedAt = System.nanoTime();
            tell(NodeEvent.Kind.RESTARTED, "another process answers");
        }
    }

    /** That connection takes commands now. */
    void used(ServerInfo info) {
        firstContact.complete(info);
        judge("version " + info.version());
    }

    /** A connection ended, or did not come about. */
    void lost(String reason, Throwable failure) {
        firstContact.completeExceptionally(
                failure instanceof UnfitServerException
                        ? failure
                        : new MemcachedException(Fate.NOT_SENT, name + " is away: " + reason));
        judge(reason);
    }

    /**
     * Tells when the node has come or gone. The lanes' threads may meet here: one of them tells at a time, and looks again
     * when another came meanwhile, so that the last that is told is true.
     */
    void judge(String reason) {
        if (!isUp()) {
            disturbedAt = System.nanoTime();
        }
        lastReason = reason;
        if (judges.getAndIncrement() > 0) {
            return;
        }
        int seen;
        do {
            seen = judges.get();
            State now = isUp() ? State.UP : State.DOWN;
            if (!closed && state != now) {
                state = now;
                tell(now == State.UP ? NodeEvent.Kind.UP : NodeEvent.Kind.DOWN, lastReason);
                if (now == State.UP) {
                    lanes.forEach(Lane::hurry);
                }
            }
        } while (!judges.compareAndSet(seen, 0));
    }

    private void tell(NodeEvent.Kind kind, String reason) {
        if (kind == NodeEvent.Kind.DOWN) {
            LOG.warn("memcached {} is away: {}", name, reason);
        } else {
            LOG.info("memcached {} answers: {}", name, reason);
        }
        settings.tell(new NodeEvent(kind, name, reason));
    }

    void close() {
        closed = true;
        lanes.forEach(Lane::close);
        firstContact.completeExceptionally(new MemcachedException(Fate.NOT_SENT, "The client is closed"));
    }

    /** The name, and whether it answers. */
    @Override
    public String toString() {
        return "MemcachedNode[" + name + (isUp() ? ", up]" : ", away]");
    }
}
