package dev.coatcheck.memcached;

import dev.coatcheck.memcached.MemcachedException.Fate;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** A command on its way: waiting for its turn on a lane, then sent, then answered or given up. */
final class Call {
    private static final int WAITING = 0;
    private static final int SENT = 1;
    private static final int GIVEN_UP = 2;

    private final Command command;
    private final byte[] line;
    private final Lane lane;
    private final long deadline;
    private final long startedAt;
    private final CompletableFuture<Reply> future = new CompletableFuture<>();
    private final AtomicInteger state = new AtomicInteger(WAITING);
    private long opaque;

    Call(Command command, Lane lane, long timeoutNanos) {
        this.command = command;
        this.line = command.line();
        this.lane = lane;
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

    /** Called by the writer: true when it is to be sent, under this token, and from now on may happen. */
    boolean send(long token) {
        opaque = token;
        return state.compareAndSet(WAITING, SENT);
    }

    /** Nobody waits for it any more, at its deadline or before. A command that was sent makes the connection suspect. */
    void expire() {
        if (future.isDone()) {
            return;
        }
        if (state.compareAndSet(WAITING, GIVEN_UP)) {
            fail(Fate.NOT_SENT, "No connection to " + lane + " within the time allowed");
        } else if (fail(Fate.UNKNOWN, "No answer from " + lane + " within the time allowed")) {
            lane.node().counters().timeouts.increment();
            lane.silent(this);
        }
    }

    /** Its caller was interrupted: it is taken back if it was not sent. */
    boolean takeBack() {
        return state.compareAndSet(WAITING, GIVEN_UP);
    }

    /** True when this is what the caller hears. */
    boolean fail(Fate fate, String message) {
        return future.completeExceptionally(new MemcachedException(fate, message));
    }
}
