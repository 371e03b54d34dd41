package dev.coatcheck.test;

import dev.coatcheck.test.ProxyFault.Kind;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** One client of a {@link FaultProxy} and its connection to the server. Belongs to the proxy's thread. */
final class ProxiedConnection {
    /** So much waits here for a slow receiver; then the sender has to wait. */
    private static final int MOST_WAITING = 1024 * 1024;

    private final FaultProxy proxy;
    private final SocketChannel client;
    private final Selector selector;
    private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
    private final Deque<ByteBuffer> toServer = new ArrayDeque<>();
    private final Deque<Late> toClient = new ArrayDeque<>();
    private final ReplyFrames frames = new ReplyFrames();
    private final RequestLines lines = new RequestLines();
    private @Nullable SocketChannel server;
    private byte @Nullable [] held;
    private int begunAndSent;
    private int waitingForServer;
    private int waitingForClient;
    private boolean clientEnded;
    private boolean serverEnded;
    private boolean serverTold;
    private boolean closing;
    private boolean closed;

    /** A piece of a reply, and when it may leave. */
    private record Late(ByteBuffer bytes, long due) {}

    ProxiedConnection(FaultProxy proxy, SocketChannel client) throws IOException {
        this.proxy = proxy;
        this.client = client;
        this.selector = proxy.selector();
        client.configureBlocking(false);
        client.setOption(StandardSocketOptions.TCP_NODELAY, true);
        client.register(selector, 0);
        if (proxy.fault().is(Kind.SILENCE)) {
            proxy.harmDone();
        }
    }

    boolean isClosed() {
        return closed;
    }

    boolean isClientThere() {
        return !closed && !clientEnded;
    }

    private boolean isSilent() {
        return proxy.fault().is(Kind.SILENCE);
    }

    /** Says what it waits for, and in how many nanoseconds it has something to do anyway. */
    long prepare(long now) {
        SocketChannel there = server;
        int ofClient = 0;
        int ofServer = 0;
        long wait = Long.MAX_VALUE;
        Late first = toClient.peek();
        if (!clientEnded && !closing && waitingForServer < MOST_WAITING) {
            ofClient |= SelectionKey.OP_READ;
        }
        if (!isSilent()) {
            if (!serverEnded && !closing && waitingForClient < MOST_WAITING) {
                ofServer |= SelectionKey.OP_READ;
            }
            if (first != null) {
                wait = first.due - now;
                ofClient |= wait <= 0 ? SelectionKey.OP_WRITE : 0;
                wait = wait <= 0 ? Long.MAX_VALUE : wait;
            }
            if (there == null) {
                wait = 0;
            } else if (!there.isConnected()) {
                ofServer = SelectionKey.OP_CONNECT;
            } else if (!toServer.isEmpty()) {
                ofServer |= SelectionKey.OP_WRITE;
            }
        }
        interest(client, ofClient);
        if (there != null) {
            interest(there, ofServer);
        }
        return wait;
    }

    private void interest(SocketChannel channel, int operations) {
        SelectionKey key = channel.keyFor(selector);
        if (key != null && key.isValid()) {
            key.interestOps(operations);
        }
    }

    /** Whatever can be done without waiting. */
    void work() {
        if (closed) {
            return;
        }
        try {
            readClient();
            if (!isSilent() && connect()) {
                writeServer();
                readServer();
                writeClient();
                if (serverEnded && toClient.isEmpty() && held == null || closing && toClient.isEmpty()) {
                    close();
                }
            }
        } catch (IOException broken) {
            close();
        }
    }

    private boolean connect() throws IOException {
        SocketChannel there = server;
        if (there == null) {
            there = SocketChannel.open();
            server = there;
            there.configureBlocking(false);
            there.setOption(StandardSocketOptions.TCP_NODELAY, true);
            there.register(selector, SelectionKey.OP_CONNECT);
            return there.connect(proxy.target());
        }
        return there.isConnected() || there.finishConnect();
    }

    private SocketChannel server() {
        SocketChannel there = server;
        if (there == null) {
            throw new IllegalStateException("Not connected yet");
        }
        return there;
    }

    private byte @Nullable [] read(SocketChannel from) throws IOException {
        buffer.clear();
        int count = from.read(buffer);
        return count < 0 ? null : Arrays.copyOf(buffer.array(), count);
    }

    private void readClient() throws IOException {
        while (!clientEnded && !closing && waitingForServer < MOST_WAITING) {
            byte[] bytes = read(client);
            if (bytes == null) {
                clientEnded = true;
            } else if (bytes.length == 0) {
                return;
            } else {
                proxy.note(lines.add(bytes));
                if (proxy.fault().is(Kind.LOSE_REQUESTS)) {
                    proxy.harmDone();
                } else {
                    toServer.add(ByteBuffer.wrap(bytes));
                    waitingForServer += bytes.length;
                }
            }
        }
    }

    private void writeServer() throws IOException {
        for (ByteBuffer first = toServer.peek(); first != null; first = toServer.peek()) {
            int count = server().write(first);
            proxy.passedToServer(count);
            waitingForServer -= count;
            if (first.hasRemaining()) {
                return;
            }
            toServer.remove();
        }
        if (clientEnded && !serverTold) {
            serverTold = true;
            server().shutdownOutput();
        }
    }

    private void readServer() throws IOException {
        while (!serverEnded && !closing && waitingForClient < MOST_WAITING) {
            byte[] bytes = read(server());
            if (bytes == null) {
                serverEnded = true;
                deliverHeld();
            } else if (bytes.length == 0) {
                return;
            } else {
                reply(bytes);
            }
        }
    }

    /** Goes by whole replies all the time, so that a fault that needs them knows where one begins. */
    private void reply(byte[] bytes) {
        for (byte[] frame : frames.add(bytes)) {
            if (begunAndSent > 0) {
                deliver(Arrays.copyOfRange(frame, begunAndSent, frame.length));
                begunAndSent = 0;
            } else {
                whole(frame);
            }
        }
        if (!proxy.fault().isOfFrames() || begunAndSent > 0) {
            deliverBegun();
        }
    }

    private void whole(byte[] frame) {
        ProxyFault fault = proxy.fault();
        byte[] first = held;
        if (first != null) {
            held = null;
            deliver(frame);
            deliver(first);
            fault.end();
            proxy.harmDone();
        } else if (fault.is(Kind.SWAP)) {
            held = frame;
        } else if (fault.is(Kind.DUPLICATE)) {
            fault.end();
            proxy.harmDone();
            deliver(frame);
            deliver(frame);
        } else if (fault.is(Kind.CLOSE_IN_REPLY)) {
            fault.end();
            proxy.harmDone();
            deliver(Arrays.copyOf(frame, frame.length / 2));
            closing = true;
        } else {
            deliver(frame);
        }
    }

    private void deliverBegun() {
        byte[] begun = frames.begun();
        deliver(Arrays.copyOfRange(begun, begunAndSent, begun.length));
        begunAndSent = begun.length;
    }

    private void deliverHeld() {
        byte[] first = held;
        held = null;
        if (first != null) {
            deliver(first);
        }
        deliverBegun();
    }

    /** Puts bytes on their way to the client, with whatever goes wrong with bytes. */
    private void deliver(byte[] bytes) {
        if (bytes.length == 0 || closing) {
            return;
        }
        ProxyFault fault = proxy.fault();
        long now = System.nanoTime();
        if (fault.is(Kind.DROP_REPLIES)) {
            proxy.harmDone();
        } else if (fault.is(Kind.CUT)) {
            int passing = fault.take(bytes.length);
            send(Arrays.copyOf(bytes, passing), now);
            if (passing < bytes.length) {
                fault.end();
                proxy.harmDone();
                closing = true;
            }
        } else if (fault.is(Kind.GARBLE)) {
            proxy.harmDone();
            send(fault.garbled(bytes), now);
        } else if (fault.is(Kind.DELAY)) {
            proxy.harmDone();
            send(bytes, now + fault.pauseNanos);
        } else if (fault.is(Kind.DRIP)) {
            proxy.harmDone();
            for (byte b : bytes) {
                Late last = toClient.peekLast();
                send(new byte[] {b}, (last == null ? now : last.due) + fault.pauseNanos);
            }
        } else {
            send(bytes, now);
        }
    }

    private void send(byte[] bytes, long due) {
        toClient.add(new Late(ByteBuffer.wrap(bytes), due));
        waitingForClient += bytes.length;
    }

    private void writeClient() throws IOException {
        for (Late first = toClient.peek(); first != null; first = toClient.peek()) {
            if (first.due - System.nanoTime() > 0) {
                return;
            }
            int count = client.write(first.bytes);
            proxy.passedToClient(count);
            waitingForClient -= count;
            if (first.bytes.hasRemaining()) {
                return;
            }
            toClient.remove();
        }
    }

    /** Lets go of what the fault before held back or made late. */
    void faultChanged() {
        if (closed) {
            return;
        }
        long now = System.nanoTime();
        for (int i = toClient.size(); i > 0; i--) {
            toClient.add(new Late(toClient.remove().bytes, now));
        }
        ProxyFault fault = proxy.fault();
        byte[] first = held;
        held = null;
        if (first != null) {
            send(first, now);
        }
        if (!fault.isOfFrames() && frames.begun().length > begunAndSent) {
            byte[] begun = frames.begun();
            send(Arrays.copyOfRange(begun, begunAndSent, begun.length), now);
            begunAndSent = begun.length;
        }
        if (isSilent()) {
            proxy.harmDone();
        }
    }

    void close() {
        closed = true;
        closeQuietly(client);
        SocketChannel there = server;
        if (there != null) {
            closeQuietly(there);
        }
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException alreadyGone) {
            // What a test sees is that it is closed.
        }
    }
}
