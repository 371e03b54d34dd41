package dev.coatcheck;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request and its response in memory. Starts as a GET of {@code /} over TLS at {@code www.example.org}; every setter
 * returns this. For the thread of one test.
 */
final class FakeExchange implements SessionExchange {
    private final Map<String, List<String>> requestHeaders = new HashMap<>();
    private final Map<String, List<String>> responseHeaders = new HashMap<>();
    private final Map<String, Object> attributes = new HashMap<>();
    private String method = "GET";
    private String path = "/";
    private Connection connection = new Connection(true, false, "www.example.org", 443);
    private boolean committed;
    private boolean unanswered;

    FakeExchange method(String method) {
        this.method = method;
        return this;
    }

    FakeExchange path(String path) {
        this.path = path;
        return this;
    }

    /** Adds a line; a name may come more than once. */
    FakeExchange header(String name, String value) {
        requestHeaders.computeIfAbsent(key(name), k -> new ArrayList<>()).add(value);
        return this;
    }

    FakeExchange cookie(String line) {
        return header("Cookie", line);
    }

    FakeExchange connection(Connection connection) {
        this.connection = connection;
        return this;
    }

    /** Over TLS, from another machine. */
    FakeExchange https(String host, int port) {
        return connection(new Connection(true, false, host, port));
    }

    /** Without TLS, from another machine. */
    FakeExchange plain(String host, int port) {
        return connection(new Connection(false, false, host, port));
    }

    /** Without TLS, from this machine. */
    FakeExchange local(String host, int port) {
        return connection(new Connection(false, true, host, port));
    }

    FakeExchange committed(boolean committed) {
        this.committed = committed;
        return this;
    }

    /** No browser waits for a response: no cookie can be given. */
    FakeExchange unanswered() {
        unanswered = true;
        return this;
    }

    /** Every value of a response header, in the order of writing. */
    List<String> responseHeaders(String name) {
        return List.copyOf(responseHeaders.getOrDefault(key(name), List.of()));
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public List<String> requestHeaders(String name) {
        return List.copyOf(requestHeaders.getOrDefault(key(name), List.of()));
    }

    @Override
    public Connection connection() {
        return connection;
    }

    /** @throws IllegalStateException after the commit, where a container would drop the line in silence */
    @Override
    public void addResponseHeader(String name, String value) {
        if (committed || unanswered) {
            throw new IllegalStateException("Header " + name + " after the commit");
        }
        responseHeaders.computeIfAbsent(key(name), k -> new ArrayList<>()).add(value);
    }

    @Override
    public boolean isCommitted() {
        return committed;
    }

    @Override
    public boolean takesCookies() {
        return !unanswered && SessionExchange.super.takesCookies();
    }

    @Override
    public @Nullable Object attribute(String name) {
        return attributes.get(name);
    }

    @Override
    public void attribute(String name, Object value) {
        attributes.put(name, value);
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
