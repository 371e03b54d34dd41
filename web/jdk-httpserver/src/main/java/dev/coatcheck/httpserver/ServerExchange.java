package dev.coatcheck.httpserver;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsServer;
import dev.coatcheck.SessionExchange;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Shows the server's own exchange to the manager. Keeps the header lines that the manager adds until the header is sent, so
 * that nobody takes them away. Used by the threads of one request.
 */
final class ServerExchange implements SessionExchange {
    private static final String SET_COOKIE = "Set-Cookie";

    private final HttpExchange inner;
    private final Visit visit;
    private final Map<String, Object> attributes = new ConcurrentHashMap<>();
    private final List<Line> lines = new CopyOnWriteArrayList<>();

    ServerExchange(HttpExchange inner, Visit visit) {
        this.inner = inner;
        this.visit = visit;
    }

    @Override
    public String method() {
        return inner.getRequestMethod();
    }

    @Override
    public String path() {
        URI uri = inner.getRequestURI();
        String path = uri.getRawPath();
        if (path == null || !path.startsWith("/") && !path.isEmpty()) {
            return "/";
        }
        // Of //a/b the server makes an authority, though the client has sent a path.
        String all = uri.isAbsolute() || uri.getRawAuthority() == null ? path : "//" + uri.getRawAuthority() + path;
        return all.isEmpty() ? "/" : all;
    }

    @Override
    public List<String> requestHeaders(String name) {
        List<String> values = inner.getRequestHeaders().get(name);
        return values == null ? List.of() : List.copyOf(values);
    }

    @Override
    public Connection connection() {
        boolean secure = inner.getHttpContext().getServer() instanceof HttpsServer;
        Authority asked = Authority.of(inner, secure ? 443 : 80);
        return new Connection(
                secure, inner.getRemoteAddress().getAddress().isLoopbackAddress(), asked.host(), asked.port());
    }

    @Override
    public String remoteAddress() {
        return inner.getRemoteAddress().getAddress().getHostAddress();
    }

    /** Adds a line, once; one that sets the same cookie as an earlier line takes its place. */
    @Override
    public void addResponseHeader(String name, String value) {
        Line line = new Line(name, value);
        lines.stream().filter(line::isInPlaceOf).forEach(this::takeBack);
        lines.removeIf(line::isInPlaceOf);
        lines.add(line);
    }

    /** Out of a header that was to be sent, and could not be. */
    private void takeBack(Line old) {
        Headers header = inner.getResponseHeaders();
        List<String> values = new ArrayList<>(header.getOrDefault(old.name, List.of()));
        if (values.remove(old.value)) {
            header.put(old.name, values);
        }
    }

    /** Adds the manager's lines to the response's header, those that are not there. */
    void writeHeader() {
        Headers header = inner.getResponseHeaders();
        for (Line line : lines) {
            if (!header.getOrDefault(line.name, List.of()).contains(line.value)) {
                header.add(line.name, line.value);
            }
        }
    }

    @Override
    public boolean isCommitted() {
        return visit.isSent();
    }

    @Override
    public @Nullable Object attribute(String name) {
        return attributes.get(name);
    }

    @Override
    public void attribute(String name, Object value) {
        attributes.put(name, value);
    }

    private record Line(String name, String value) {
        /** Whether a browser that has seen both lines keeps this one alone: RFC 6265, 5.3, step 11. */
        boolean isInPlaceOf(Line old) {
            boolean cookies = name.equalsIgnoreCase(SET_COOKIE) && old.name.equalsIgnoreCase(SET_COOKIE);
            return cookies ? cookie().equals(old.cookie()) : equals(old);
        }

        private String cookie() {
            String cookieName = value.substring(0, Math.max(0, value.indexOf('=')));
            return Stream.of(value.split(";"))
                    .skip(1)
                    .map(part -> part.strip().toLowerCase(Locale.ROOT))
                    .filter(part -> part.startsWith("domain=") || part.startsWith("path="))
                    .sorted()
                    .collect(Collectors.joining(";", cookieName + ";", ""));
        }

        /** Hides the value, which may be a ticket. */
        @Override
        public String toString() {
            return "Line[" + name + "]";
        }
    }
}
