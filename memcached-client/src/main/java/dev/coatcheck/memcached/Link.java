package dev.coatcheck.memcached;

import dev.coatcheck.memcached.MemcachedException.Fate;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One connection, from its handshake to its end. One thread sends and another receives; replies come in the order of the
 * commands. Any doubt about a reply ends the connection, and whatever was sent and not answered is then of unknown fate.
 */
final class Link {
    private static final int OUT_BYTES = 32_768;
    private static final Duration HANDSHAKE = Duration.ofSeconds(3);

    private final Lane lane;
    private final Wire wire;
    private final ReplyInput in;
    private final ServerInfo server;
    private final ReplyReader replies;
    private final Queue<Call> unanswered = new ConcurrentLinkedQueue<>();
    private final byte[] out = new byte[OUT_BYTES];
    private final long openedAt = System.nanoTime();
    private int outLength;
    private long token;
    private final Queue<Call> refused = new ArrayDeque<>();
    private volatile boolean silent;
    private volatile @Nullable String broken;

    private Link(Lane lane, Wire wire, ReplyInput in, ServerInfo server) {
        this.lane = lane;
        this.wire = wire;
        this.in = in;
        this.server = server;
        replies = new ReplyReader(in, lane.node().settings().maxValueBytes(), server.identity());
    }

    /** Connects and asks who is there. Only an answer makes a connection: a frozen server accepts them too. */
    static Link open(Lane lane) throws IOException {
        Wire wire = lane.node().address().connect(lane.node().settings());
        try {
            lane.opens(wire);
            return shake(lane, wire);
        } catch (IOException | RuntimeException | Error e) {
            wire.close();
            throw e;
        }
    }

    private static Link shake(Lane lane, Wire wire) throws IOException {
        AtomicBoolean late = new AtomicBoolean();
        Future<?> limit = lane.node()
                .settings()
                .later(
                        () -> {
                            late.set(true);
                            wire.close();
                        },
                        HANDSHAKE.toNanos());
        try {
            wire.secure();
            ReplyInput in = new ReplyInput(wire);
            ServerInfo server =
                    new Handshake(wire, in).shake(lane.node().settings().credentials());
            return new Link(lane, wire, in, server);
        } catch (IOException e) {
            if (late.get()) {
                throw new SocketTimeoutException("no answer within 3 seconds of connecting");
            }
            boolean ours = e instanceof SSLException && !(e.getCause() instanceof IOException);
            throw ours ? new UnfitServerException("TLS: " + reason(e)) : e;
        } finally {
            limit.cancel(false);
        }
    }

    ServerInfo server() {
        return server;
    }

    long age() {
        return System.nanoTime() - openedAt;
    }

    // The sending side, for one thread.

    /** Sends a command, or keeps it for {@link #flush()}. */
    void send(Call call) throws IOException {
        ServerIdentity needed = call.command().server();
        if (needed != null && !needed.equals(server.identity())) {
            if (call.takeBack()) {
                call.fail(Fate.OTHER_SERVER, lane + " is another server process than the one that was asked before");
            }
            call.leave();
            return;
        }
        if (!call.send(++token, this)) {
            call.leave();
            return;
        }
        unanswered.add(call);
        append(call.line());
        append(" k O" + token + "\r\n");
        byte[] data = call.command().data();
        if (data != null) {
            append(data);
            append("\r\n");
        }
        if (broken != null) {
            failUnanswered();
        }
    }

    private void append(String ascii) throws IOException {
        append(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    private void append(byte[] bytes) throws IOException {
        if (bytes.length > out.length - outLength) {
            flush();
        }
        if (bytes.length > out.length) {
            write(bytes, bytes.length);
        } else {
            System.arraycopy(bytes, 0, out, outLength, bytes.length);
            outLength += bytes.length;
        }
    }

    void flush() throws IOException {
        if (outLength > 0) {
            write(out, outLength);
            outLength = 0;
        }
    }

    private void write(byte[] bytes, int length) throws IOException {
        lane.node().counters().bytesSent.add(length);
        wire.write(bytes, 0, length);
    }

    // The receiving side, for one thread.

    /** Hands replies out until the connection ends, which is an exception. */
    void receive() throws IOException {
        try {
            receiveUntilTheEnd();
        } catch (IOException e) {
            end(reason(e));
            throw e;
        } finally {
            end("a fault of the client's own");
            refused.forEach(this::fail);
            failUnanswered();
        }
    }

    private void receiveUntilTheEnd() throws IOException {
        long counted = in.received();
        while (true) {
            in.await();
            Call call = unanswered.peek();
            if (call == null) {
                throw new MalformedReplyException("An answer to no command");
            }
            Reply reply = replies.read(call.command(), call.opaque());
            lane.node().counters().bytesReceived.add(in.received() - counted);
            counted = in.received();
            if (!unanswered.remove(call)) {
                // The sender has ended the connection and told the callers so.
                throw new ClosedChannelException();
            }
            settle(call, reply);
        }
    }

    /** A refusal has no token that shows whose it is; the next reply's token does, where commands are still unanswered. */
    private void settle(Call call, @Nullable Reply reply) {
        if (reply == null) {
            refused.add(call);
        } else {
            call.leave();
            lane.node().counters().answered(call, reply);
            call.future().complete(reply);
        }
        if (reply != null || unanswered.isEmpty()) {
            for (Call told = refused.poll(); told != null; told = refused.poll()) {
                told.leave();
                told.fail(Fate.REFUSED, lane + " could not do it: its memory is full, or the item is too large for it");
            }
        }
    }

    // The end, from any thread.

    /** What to say of a failure: the exception's own words, or its kind. */
    static String reason(Throwable failure) {
        String message = failure.getMessage();
        return failure instanceof UnknownHostException
                ? "its name is not known"
                : message == null ? failure.getClass().getSimpleName() : message;
    }

    /** Ends the connection, for this reason. What is unanswered is failed by the receiving thread. */
    void end(String reason) {
        if (broken == null) {
            broken = reason;
        }
        wire.close();
    }

    /** A command that was sent got no answer in time: the node must answer on a new connection before it is used. */
    void endAsSilent() {
        silent = true;
        end("no answer within the time allowed");
    }

    boolean isSilent() {
        return silent;
    }

    boolean isBroken() {
        return broken != null;
    }

    @Nullable
    String broken() {
        return broken;
    }

    /** After the end, by either side: nobody learns what became of these. */
    void failUnanswered() {
        for (Call call = unanswered.poll(); call != null; call = unanswered.poll()) {
            fail(call);
        }
    }

    private void fail(Call call) {
        call.leave();
        call.fail(Fate.UNKNOWN, "The connection to " + lane + " ended before the answer: " + broken);
    }
}
