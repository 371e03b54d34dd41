package dev.coatcheck.memcached;

import dev.coatcheck.memcached.MemcachedException.Fate;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A command on its way: waiting for its turn on a lane, then sent, then answered or given up. */
final class Call {
    private static final int WAITING = 0;
    private static final int SENT = 1;
    private static final int GIVEN_UP = 2;

    private final Command command;
    private final byte[] line;
    private final MemcachedNode node;
    private final long deadline;
    private final long startedAt;
    private final CompletableFuture<Reply> future = new CompletableFuture<>();
    private final AtomicInteger state = new AtomicInteger(WAITING);
    private volatile boolean left;

    // Written before the state becomes SENT, and read by whoever has seen that.
    private long opaque;
    private long sentAt;
    private @Nullable Link link;

    Call(Command command, MemcachedNode node, long timeoutNanos) {
        this.command = command;
        this.line = command.line();
        this.node = node;
        startedAt = System.nanoTime();
        deadline = startedAt + timeoutNanos;
    }

    Command command() {
        return command;
    }

    byte[] line() {
        return line;
    }

    CompletableFuture<Reply> future() {
        return future;
    }

    /** What this takes of the bytes that may be on their way. */
    int bytes() {
        byte[] data = command.data();
        return line.length + (data == null ? 0 : data.length);
    }

    /** Nanoseconds since it was asked for. */
    long age() {
        return System.nanoTime() - startedAt;
    }

    /** Nanoseconds until its time is over; negative after it. */
    long left() {
        return deadline - System.nanoTime();
    }

    long opaque() {
        return opaque;
    }

    /** Called by the sender: true when it is to be sent, under this token, and from now on may happen. */
    boolean send(long token, Link over) {
        opaque = token;
        link = over;
        sentAt = System.nanoTime();
        return state.compareAndSet(WAITING, SENT);
    }

    /** Gives its place back. Called once, by whoever takes it out of the queue that it is in. */
    void leave() {
        left = true;
        node.left(this);
    }

    /** Nobody waits for it any more, at its deadline or before. A command that was sent makes the connection suspect. */
    void expire() {
        boolean sent = !takeBack() && state.get() == SENT;
        if (!sent) {
            fail(Fate.NOT_SENT, "No connection to " + node.name() + " within the time allowed");
        } else if (fail(Fate.UNKNOWN, "No answer from " + node.name() + " within the time allowed")) {
            node.counters().timeouts.increment();
            suspect();
        }
    }

    /** A caller in a hurry proves nothing: a node is silent that had the time which every command has by default. */
    private void suspect() {
        long usual = node.settings().timeout().toNanos();
        long waited = System.nanoTime() - sentAt;
        if (waited >= usual / 2) {
            endAsSilent();
        } else {
            Future<?> unused = node.settings().later(this::endAsSilent, usual - waited);
        }
    }

    private void endAsSilent() {
        Link over = link;
        if (!left && over != null) {
            over.endAsSilent();
        }
    }

    /** Whether it was still waiting for its turn: it is never sent then. */
    boolean takeBack() {
        return state.compareAndSet(WAITING, GIVEN_UP);
    }

    /** True when this is what the caller hears. */
    boolean fail(Fate fate, String message) {
        boolean heard = future.completeExceptionally(new MemcachedException(fate, message));
        if (heard) {
            node.counters().failed(fate);
        }
        return heard;
    }
}
