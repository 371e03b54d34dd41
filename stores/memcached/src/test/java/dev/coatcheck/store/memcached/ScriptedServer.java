package dev.coatcheck.store.memcached;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/** Something that listens on a port and is no memcached: it answers each line with what the test says. */
final class ScriptedServer implements AutoCloseable {
    private final ServerSocket listener;
    private final UnaryOperator<String> answers;

    /** @param answers from line to answer, an empty one for none */
    ScriptedServer(UnaryOperator<String> answers) {
        this.answers = answers;
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(this::accept);
    }

    String address() {
        return "127.0.0.1:" + port();
    }

    int port() {
        return listener.getLocalPort();
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "scripted server");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                daemon(() -> talk(socket));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void talk(Socket socket) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                socket.getOutputStream().write(answers.apply(line).getBytes(StandardCharsets.ISO_8859_1));
            }
        } catch (IOException e) {
            return; // the client has gone
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
