package dev.coatcheck.benchmarks;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/** What the client is measured against: a pipelined socket, and nothing that checks, bounds, counts or recovers. */
final class BareSocket implements AutoCloseable {
    private static final int BUFFER_BYTES = 32_768;

    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;
    private final ReentrantLock writing = new ReentrantLock();
    private final Queue<CompletableFuture<byte[]>> unanswered = new ConcurrentLinkedQueue<>();

    BareSocket(String host, int port) throws IOException {
        socket = new Socket(host, port);
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES));
        Thread reader = new Thread(this::read, "bare reader");
        reader.setDaemon(true);
        reader.start();
    }

    byte[] call(byte[] command) throws IOException, InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<byte[]> reply = new CompletableFuture<>();
        writing.lock();
        try {
            unanswered.add(reply);
            out.write(command);
        } finally {
            writing.unlock();
        }
        return reply.get(1, TimeUnit.SECONDS);
    }

    private void read() {
        try {
            while (true) {
                String line = line();
                byte[] value = new byte[0];
                if (line.startsWith("VA ")) {
                    value = new byte[Integer.parseInt(line.substring(3, line.indexOf(' ', 3)))];
                    in.readFully(value);
                    in.skipNBytes(2);
                }
                unanswered.remove().complete(value);
            }
        } catch (IOException closed) {
            unanswered.forEach(reply -> reply.completeExceptionally(closed));
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\r'; c = in.read()) {
            if (c < 0) {
                throw new EOFException();
            }
            line.append((char) c);
        }
        in.skipNBytes(1);
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
