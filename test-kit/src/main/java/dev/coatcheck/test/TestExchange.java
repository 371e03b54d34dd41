package dev.coatcheck.test;

import dev.coatcheck.SessionExchange;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A request and its response in memory, for tests that drive a {@link dev.coatcheck.SessionManager} themselves.
 * {@link TestBrowser} makes it and, after {@link #send()}, takes its cookies. As with a real response, no header can be
 * added once it is sent.
 *
 * <p>Safe for use by many threads.
 */
public final class TestExchange implements SessionExchange {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private final String method;
    private final URI page;
    private final boolean loopbackPeer;
    private final List<Map.Entry<String, String>> requestHeaders;
    private final List<Map.Entry<String, String>> responseHeaders = new CopyOnWriteArrayList<>();
    private final Map<String, Object> attributes = new ConcurrentHashMap<>();
    private volatile boolean committed;

    TestExchange(String method, URI page, boolean loopbackPeer, List<Map.Entry<String, String>> requestHeaders) {
        this.method = method;
        this.page = page;
        this.loopbackPeer = loopbackPeer;
        this.requestHeaders = List.copyOf(requestHeaders);
    }

    static boolean isLoopback(URI page) {
        return LOOPBACK.contains(Page.host(page));
    }

    /** The address that was asked for. */
    public URI page() {
        return page;
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String path() {
        return Page.path(page);
    }

    @Override
    public List<String> requestHeaders(String name) {
        return values(requestHeaders, name);
    }

    @Override
    public Connection connection() {
        boolean secure = Page.isSecure(page);
        int port = page.getPort() >= 0 ? page.getPort() : secure ? 443 : 80;
        return new Connection(secure, loopbackPeer, Page.host(page), port);
    }

    /**
     * Adds a line to the response's header.
     *
     * @throws IllegalStateException when the response was sent
     */
    @Override
    public void addResponseHeader(String name, String value) {
        if (committed) {
            throw new IllegalStateException("The response's header is out already: " + name);
        }
        responseHeaders.add(Map.entry(name, value));
    }

    @Override
    public boolean isCommitted() {
        return committed;
    }

    @Override
    public @Nullable Object attribute(String name) {
        return attributes.get(name);
    }

    @Override
    public void attribute(String name, Object value) {
        attributes.put(name, value);
    }

    /** Sends the response's first byte: from now on its header stays as it is. */
    public void send() {
        committed = true;
    }

    /** The response so far. */
    public Response response() {
        return new Response(responseHeaders);
    }

    private static List<String> values(List<Map.Entry<String, String>> headers, String name) {
        List<String> values = new ArrayList<>();
        for (Map.Entry<String, String> header : headers) {
            if (header.getKey().equalsIgnoreCase(name)) {
                values.add(header.getValue());
            }
        }
        return values;
    }

    /** The request's method and page; no header. */
    @Override
    public String toString() {
        return "TestExchange[" + method + " " + page + "]";
    }

    /**
     * The header of a response.
     *
     * @param headers every line as name and value, in order
     */
    public record Response(List<Map.Entry<String, String>> headers) {
        /** Keeps a copy. */
        public Response {
            headers = List.copyOf(headers);
        }

        /** Every value of a header, in order; the name is case-insensitive. */
        public List<String> headers(String name) {
            return values(headers, name);
        }

        /** The {@code Set-Cookie} lines. */
        public List<String> setCookies() {
            return headers("Set-Cookie");
        }

        /** The names of the lines; values may be secret. */
        @Override
        public String toString() {
            return "Response" + headers.stream().map(Map.Entry::getKey).toList();
        }
    }
}
