package dev.coatcheck.memcached;

import dev.coatcheck.memcached.MemcachedException.Fate;
import java.io.IOException;
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
    private static final long LONG_LIFE = Duration.ofSeconds(1).toNanos();

    private final MemcachedNode node;
    private final String name;
    private final Queue<Call> waiting = new ConcurrentLinkedQueue<>();
    private final Backoff backoff = new Backoff();
    private final Thread receiver;
    private final Thread sender;
    private volatile @Nullable Link link;
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
        if (shut != null) {
            failWaiting();
        } else if (senderIsIdle) {
            LockSupport.unpark(sender);
        }
    }

    /** A command is no more on its way here. */
    void left(Call call) {
        node.left(call);
    }

    /** A command that was sent got no answer in time: the connection ends, and the node must answer before it is used. */
    void silent(Call call) {
        node.silent();
        Link current = link;
        if (current != null) {
            current.end("no answer within the time allowed");
        }
    }

    private void failWaiting() {
        for (Call call = waiting.poll(); call != null; call = waiting.poll()) {
            left(call);
            if (call.takeBack()) {
                call.fail(Fate.NOT_SENT, this + " is away: " + shut);
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
            if (current == null) {
                park();
                continue;
            }
            try {
                sendAll(current);
            } catch (IOException e) {
                current.end(Link.reason(e));
                current.failUnanswered();
                awaitOther(current);
            }
        }
    }

    /** Sends what is waiting, in few writes, until the connection is another. */
    private void sendAll(Link current) throws IOException {
        while (link == current) {
            Call call = waiting.poll();
            if (call != null) {
                current.send(call);
                continue;
            }
            current.flush();
            park();
        }
    }

    private void awaitOther(Link broken) {
        while (link == broken && !closed) {
            park();
        }
    }

    /** Sleeps until there is something to do. May also wake up without. */
    private void park() {
        senderIsIdle = true;
        if (link == null || waiting.isEmpty()) {
            LockSupport.park(this);
        }
        senderIsIdle = false;
    }

    // Connecting and receiving.

    private void connectAndReceive() {
        while (!closed) {
            Link opened = null;
            Exception failure;
            try {
                opened = Link.open(this);
                use(opened);
                opened.receive();
                throw new IllegalStateException("Receiving ends with an exception");
            } catch (IOException | RuntimeException e) {
                failure = e;
            }
            if (!closed) {
                recover(opened, failure);
            }
        }
        failWaiting();
    }

    private void use(Link opened) {
        node.answered(opened.server());
        shut = null;
        link = opened;
        LockSupport.unpark(sender);
    }

    /** After a connection that had lived, callers may wait for the next one. Else they learn at once that the node is away. */
    private void recover(@Nullable Link ended, Exception failure) {
        String broken = ended == null ? null : ended.broken();
        String reason = broken == null ? Link.reason(failure) : broken;
        boolean lived = ended != null && ended.age() >= LONG_LIFE;
        link = null;
        LockSupport.unpark(sender);
        Duration pause = backoff.pause(lived);
        if (!pause.isZero() || node.isSilent()) {
            shut = reason;
            failWaiting();
        }
        node.lost(reason, failure);
        LockSupport.parkNanos(this, pause.toNanos());
    }

    void close() {
        closed = true;
        shut = "the client is closed";
        Link current = link;
        if (current != null) {
            current.end("the client is closed");
        }
        LockSupport.unpark(receiver);
        LockSupport.unpark(sender);
        failWaiting();
    }

    /** The node's name. */
    @Override
    public String toString() {
        return name;
    }
}
