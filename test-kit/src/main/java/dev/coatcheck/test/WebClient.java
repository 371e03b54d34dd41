package dev.coatcheck.test;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A client of one server on this machine, over one connection that is kept as long as the server keeps it. It reads a
 * response to its last byte and no further, so that the next request leaves at the very moment that the response is there.
 * Keeps cookies by name alone, and sends what it is told to, however wrong. Used by one thread at a time.
 */
public final class WebClient implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 30_000;

    private final int port;
    private final SocketFactory sockets;
    private final Map<String, String> jar = new LinkedHashMap<>();
    private String host = "localhost";
    private @Nullable Socket socket;
    private @Nullable InputStream in;
    private String method = "GET";

    /** A client of a server over plain HTTP. */
    public WebClient(int port) {
        this(port, SocketFactory.getDefault());
    }

    /** A client whose connections come from a factory, such as one for TLS. */
    public WebClient(int port, SocketFactory sockets) {
        this.port = port;
        this.sockets = sockets;
    }

    /** From now on names this host, with its port if it has one, in the {@code Host} header. Default {@code localhost}. */
    public WebClient host(String name) {
        host = name;
        return this;
    }

    /** The server's port. */
    public int port() {
        return port;
    }

    /** The cookies that the server set, by name; to be changed at will. */
    public Map<String, String> jar() {
        return jar;
    }

    /** Another client with the same cookies, of a server of its own or the same. */
    public WebClient copy(int itsPort) {
        WebClient copy = new WebClient(itsPort, sockets).host(host);
        copy.jar.putAll(jar);
        return copy;
    }

    /** Asks for a path and reads the whole response. Header lines are given as {@code Name: value}. */
    public WebReply get(String path, String... headers) throws IOException {
        return send("GET", path, headers);
    }

    /** Sends a request without a body and reads the whole response. */
    public WebReply send(String requestMethod, String path, String... headers) throws IOException {
        return finish(begin(requestMethod, path, headers));
    }

    /** Sends a request and reads the response's header alone. */
    public WebReply begin(String requestMethod, String path, String... headers) throws IOException {
        method = requestMethod;
        StringBuilder request = new StringBuilder()
                .append(requestMethod)
                .append(' ')
                .append(path)
                .append(" HTTP/1.1\r\nHost: ")
                .append(host)
                .append("\r\n");
        if (!jar.isEmpty()) {
            List<String> pairs = new ArrayList<>();
            jar.forEach((name, value) -> pairs.add(name + "=" + value));
            request.append("Cookie: ").append(String.join("; ", pairs)).append("\r\n");
        }
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        if (!requestMethod.equals("GET") && !requestMethod.equals("HEAD")) {
            request.append("Content-Length: 0\r\n");
        }
        byte[] bytes = request.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
        Socket connection = socket;
        if (connection == null) {
            connection = sockets.createSocket(InetAddress.getLoopbackAddress(), port);
            connection.setSoTimeout(TIMEOUT_MILLIS);
            connection.setTcpNoDelay(true);
            socket = connection;
            in = new BufferedInputStream(connection.getInputStream());
        }
        connection.getOutputStream().write(bytes);
        connection.getOutputStream().flush();
        return header();
    }

    private InputStream in() {
        InputStream stream = in;
        if (stream == null) {
            throw new IllegalStateException("There is no response to read");
        }
        return stream;
    }

    private WebReply header() throws IOException {
        String[] first = line().split(" ", 3);
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.add(Map.entry(
                    line.substring(0, colon), line.substring(colon + 1).strip()));
        }
        WebReply reply = new WebReply(Integer.parseInt(first[1]), headers, "");
        reply.cookies().forEach(this::keep);
        return reply;
    }

    private void keep(String line) {
        String[] parts = line.split(";", -1);
        int equals = parts[0].indexOf('=');
        String name = parts[0].substring(0, equals);
        if (line.toLowerCase(Locale.ROOT).contains("max-age=0")) {
            jar.remove(name);
        } else {
            jar.put(name, parts[0].substring(equals + 1));
        }
    }

    /** Reads the body of a response whose header was read. */
    public WebReply finish(WebReply begun) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        String length = begun.header("Content-Length");
        boolean bodiless =
                method.equals("HEAD") || begun.status() == 204 || begun.status() == 304 || begun.status() < 200;
        boolean toTheEnd = false;
        if (!bodiless && "chunked".equalsIgnoreCase(begun.header("Transfer-Encoding"))) {
            for (int size = chunk(); size > 0; size = chunk()) {
                body.write(bytes(size));
                line();
            }
            line();
        } else if (!bodiless && length != null) {
            body.write(bytes(Integer.parseInt(length)));
        } else if (!bodiless) {
            body.write(in().readAllBytes());
            toTheEnd = true;
        }
        if (toTheEnd || "close".equalsIgnoreCase(begun.header("Connection"))) {
            close();
        }
        return new WebReply(begun.status(), begun.headers(), body.toString(StandardCharsets.ISO_8859_1));
    }

    private int chunk() throws IOException {
        return Integer.parseInt(line().split(";", -1)[0].strip(), 16);
    }

    private byte[] bytes(int count) throws IOException {
        byte[] bytes = in().readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("The response ended after " + bytes.length + " of " + count + " bytes");
        }
        return bytes;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in().read(); b != '\n'; b = in().read()) {
            if (b < 0) {
                throw new EOFException("The connection ended within a response");
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    /** Closes the connection; the next request opens another one. */
    @Override
    public void close() throws IOException {
        Socket connection = socket;
        socket = null;
        in = null;
        if (connection != null) {
            connection.close();
        }
    }
}
