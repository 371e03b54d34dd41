package dev.coatcheck.test;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * One connection to a memcached, for tests: sends what it is told to, however wrong, and reads lines and bytes. Each call
 * has the same time, over TCP and over a Unix socket, which has no timeout of its own. Used by one thread at a time.
 */
final class MemcachedTalk implements AutoCloseable {
    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey ready;
    private final Duration timeout;
    private final ByteBuffer in = ByteBuffer.allocate(64 * 1024).flip();

    private MemcachedTalk(SocketChannel channel, Selector selector, Duration timeout) throws IOException {
        this.channel = channel;
        this.selector = selector;
        this.timeout = timeout;
        channel.configureBlocking(false);
        this.ready = channel.register(selector, 0);
    }

    static MemcachedTalk open(SocketAddress server, Duration timeout) throws IOException {
        SocketChannel channel = server instanceof UnixDomainSocketAddress
                ? SocketChannel.open(StandardProtocolFamily.UNIX)
                : SocketChannel.open();
        Selector selector = Selector.open();
        try {
            MemcachedTalk talk = new MemcachedTalk(channel, selector, timeout);
            long deadline = talk.deadline();
            if (!channel.connect(server)) {
                do {
                    talk.await(SelectionKey.OP_CONNECT, deadline);
                } while (!channel.finishConnect());
            }
            return talk;
        } catch (IOException | RuntimeException failed) {
            selector.close();
            channel.close();
            throw failed;
        }
    }

    /** Sends a line and reads one. */
    String ask(String line) throws IOException {
        send(line + "\r\n");
        return line();
    }

    /** Sends a line and a data block, and reads a line. */
    String ask(String line, byte[] data) throws IOException {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        request.writeBytes(data);
        request.writeBytes(new byte[] {'\r', '\n'});
        send(request.toByteArray());
        return line();
    }

    void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void send(byte[] bytes) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(bytes);
        long deadline = deadline();
        while (out.hasRemaining()) {
            if (channel.write(out) == 0) {
                await(SelectionKey.OP_WRITE, deadline);
            }
        }
    }

    /** The next line, without its end. */
    String line() throws IOException {
        long deadline = deadline();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (byte b = next(deadline); b != '\n'; b = next(deadline)) {
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    /** So many bytes. */
    byte[] exactly(int count) throws IOException {
        long deadline = deadline();
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = next(deadline);
        }
        return bytes;
    }

    /** So many bytes, and the end of the line behind them. */
    byte[] data(int count) throws IOException {
        byte[] data = exactly(count);
        line();
        return data;
    }

    /** The value behind a {@code VA} line. */
    byte[] data(String line) throws IOException {
        return data(Integer.parseInt(line.split(" ")[1]));
    }

    private byte next(long deadline) throws IOException {
        while (!in.hasRemaining()) {
            in.clear();
            int count = channel.read(in);
            in.flip();
            if (count < 0) {
                throw new EOFException("The connection ended where a reply was expected");
            }
            if (count == 0) {
                await(SelectionKey.OP_READ, deadline);
            }
        }
        return in.get();
    }

    private long deadline() {
        return System.nanoTime() + timeout.toNanos();
    }

    private void await(int operation, long deadline) throws IOException {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            throw new SocketTimeoutException("No answer within " + timeout);
        }
        ready.interestOps(operation);
        selector.select(left / 1_000_000 + 1);
        selector.selectedKeys().clear();
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
