package dev.coatcheck.memcached;

import dev.coatcheck.memcached.MemcachedException.Fate;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The way to a node: one connection at a time, made anew when it ends, and the commands that wait for their turn on it. All
 * commands of one key go the same way, so that they reach the server in the order in which they were sent.
 *
 * <p>Two threads: one connects and receives, one sends. Neither is a caller's, so that no caller's interruption or patience
 * can hurt a connection which others use.
 */
final class Lane {
    private static final String CLOSED = "the client is closed";
    private static final long LONG_LIFE = Duration.ofSeconds(1).toNanos();

    private final MemcachedNode node;
    private final String name;
    private final Queue<Call> waiting = new ConcurrentLinkedQueue<>();
    private final Backoff backoff = new Backoff();
    private final Thread receiver;
    private final Thread sender;
    private volatile @Nullable Link link;
    private volatile @Nullable Wire opening;
    private volatile boolean senderIsIdle;
    /** Why no command may wait here now; null while one may. */
    private volatile @Nullable String shut;

    private volatile boolean closed;

    Lane(MemcachedNode node, int number) {
        this.node = node;
        name = node.name();
        receiver = thread(this::connectAndReceive, "receiver", number);
        sender = thread(this::send, "sender", number);
    }

    private Thread thread(Runnable task, String role, int number) {
        Thread thread = new Thread(task, "memcached " + name + " " + role + " " + number);
        thread.setDaemon(true);
        return thread;
    }

    void start() {
        receiver.start();
        sender.start();
    }

    MemcachedNode node() {
        return node;
    }

    /** Takes a command that has a place in the node's budget. */
    void submit(Call call) {
        waiting.add(call);
        String reason = shut;
        if (reason != null) {
            failWaiting(reason);
        } else if (senderIsIdle) {
            LockSupport.unpark(sender);
        }
    }

    private void failWaiting(String reason) {
        for (Call call = waiting.poll(); call != null; call = waiting.poll()) {
            call.leave();
            if (call.takeBack()) {
                call.fail(Fate.NOT_SENT, this + " is away: " + reason);
            }
        }
    }

    boolean isOpen() {
        return link != null;
    }

    // Sending.

    private void send() {
        while (!closed) {
            Link current = link;
            if (current == null || current.isBroken()) {
                LockSupport.park(this);
                continue;
            }
            try {
                sendAll(current);
            } catch (IOException | RuntimeException | Error e) {
                // Whatever it is, a want of memory included: without this thread nothing is ever sent.
                current.end(Link.reason(e));
                current.failUnanswered();
            }
        }
    }

    /** Sends what is waiting, in few writes, until the connection ends. */
    private void sendAll(Link current) throws IOException {
        while (isUsed(current)) {
            Call call = waiting.poll();
            if (call != null) {
                current.send(call);
                continue;
            }
            current.flush();
            senderIsIdle = true;
            if (waiting.isEmpty() && isUsed(current)) {
                LockSupport.park(this);
            }
            senderIsIdle = false;
        }
    }

    private boolean isUsed(Link current) {
        return link == current && !current.isBroken();
    }

    // Connecting and receiving.

    private void connectAndReceive() {
        while (!closed) {
            Link opened = null;
            Throwable failure;
            try {
                opened = Link.open(this);
                use(opened);
                opened.receive();
                throw new IllegalStateException("Receiving ends with an exception");
            } catch (IOException | RuntimeException | Error e) {
                // Whatever it is, a value too large for the memory included: without this thread nothing is ever
                // received.
                failure = e;
            }
            if (!closed) {
                recover(opened, failure);
            }
        }
        link = null;
        failWaiting(CLOSED);
    }

    /** This connection is being made, which {@link #close()} ends too. */
    void opens(Wire wire) throws IOException {
        opening = wire;
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    private void use(Link opened) {
        node.answered(opened.server());
        shut = null;
        link = opened;
        opening = null;
        if (closed) {
            close();
        }
        LockSupport.unpark(sender);
        node.used(opened.server());
    }

    /** After a connection that had lived, callers may wait for the next one. Else they learn at once that the node is away. */
    private void recover(@Nullable Link ended, Throwable failure) {
        String broken = ended == null ? null : ended.broken();
        String reason = broken == null ? Link.reason(failure) : broken;
        boolean lived = ended != null && ended.age() >= LONG_LIFE;
        boolean silent = ended != null && ended.isSilent();
        link = null;
        opening = null;
        LockSupport.unpark(sender);
        Duration pause = backoff.pause(lived);
        if (silent) {
            node.silent();
        }
        if (!pause.isZero() || silent || node.isSilent()) {
            shut = reason;
            failWaiting(reason);
        }
        node.lost(reason, failure);
        LockSupport.parkNanos(this, pause.toNanos());
    }

    /** Another lane found that the node has come: this one need not wait longer to see for itself. */
    void hurry() {
        LockSupport.unpark(receiver);
    }

    void close() {
        closed = true;
        shut = CLOSED;
        Link current = link;
        if (current != null) {
            current.end(CLOSED);
        }
        Wire unfinished = opening;
        if (unfinished != null) {
            unfinished.close();
        }
        LockSupport.unpark(receiver);
        LockSupport.unpark(sender);
        failWaiting(CLOSED);
    }

    /** The node's name. */
    @Override
    public String toString() {
        return name;
    }
}
