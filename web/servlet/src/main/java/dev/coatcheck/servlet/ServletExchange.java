package dev.coatcheck.servlet;

import dev.coatcheck.SessionExchange;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Shows the container's own request and response to the manager, past every wrapper. Remembers the header lines that the
 * manager added, so that they survive a reset. Used by the threads of one request.
 */
final class ServletExchange implements SessionExchange {
    private static final String SET_COOKIE = "Set-Cookie";

    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final Map<String, Object> attributes = new ConcurrentHashMap<>();
    private final List<Line> lines = new CopyOnWriteArrayList<>();

    ServletExchange(HttpServletRequest request, HttpServletResponse response) {
        this.request = request;
        this.response = response;
    }

    @Override
    public String method() {
        return request.getMethod();
    }

    @Override
    public String path() {
        String path = request.getRequestURI();
        return path.startsWith("/") ? path : "/";
    }

    @Override
    public List<String> requestHeaders(String name) {
        Enumeration<String> values = request.getHeaders(name);
        return values == null ? List.of() : Collections.list(values);
    }

    /** Name and value of every cookie that the browser has, the newest first: what the manager gives, then what came. */
    List<String> cookies() {
        List<String> cookies = new ArrayList<>();
        for (Line line : lines) {
            if (line.name.equalsIgnoreCase(SET_COOKIE)) {
                cookies.add(0, line.value.split(";", 2)[0]);
            }
        }
        for (String line : requestHeaders("Cookie")) {
            cookies.addAll(List.of(line.split(";")));
        }
        return cookies;
    }

    @Override
    public Connection connection() {
        return new Connection(
                request.isSecure(),
                Loopback.isAddress(request.getRemoteAddr()),
                request.getServerName(),
                request.getServerPort());
    }

    @Override
    public @Nullable String remoteAddress() {
        return request.getRemoteAddr();
    }

    /** Adds a line, once; one that sets the same cookie as an earlier line takes its place. */
    @Override
    public void addResponseHeader(String name, String value) {
        Line line = new Line(name, value);
        if (lines.contains(line)) {
            return;
        }
        Line old = lines.stream()
                .filter(each -> each.setsCookieOf(line))
                .findFirst()
                .orElse(null);
        lines.add(line);
        if (old == null) {
            response.addHeader(name, value);
        } else {
            lines.remove(old);
            List<String> values = new ArrayList<>(response.getHeaders(SET_COOKIE));
            values.remove(old.value);
            values.add(value);
            response.setHeader(SET_COOKIE, values.get(0));
            values.stream().skip(1).forEach(each -> response.addHeader(SET_COOKIE, each));
        }
    }

    /** Adds those of the manager's lines again that somebody has taken away. */
    void restore() {
        for (Line line : lines) {
            if (!response.getHeaders(line.name).contains(line.value)) {
                response.addHeader(line.name, line.value);
            }
        }
    }

    /** Whether the manager sent a cookie, or deleted one. */
    boolean isCookieSet() {
        return lines.stream().anyMatch(line -> line.name.equalsIgnoreCase(SET_COOKIE));
    }

    @Override
    public boolean isCommitted() {
        return response.isCommitted();
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
        /** Whether a browser that has seen both lines keeps the other one alone: RFC 6265, 5.3, step 11. */
        boolean setsCookieOf(Line other) {
            return name.equalsIgnoreCase(SET_COOKIE)
                    && other.name.equalsIgnoreCase(SET_COOKIE)
                    && cookie().equals(other.cookie());
        }

        private String cookie() {
            String name = value.substring(0, Math.max(0, value.indexOf('=')));
            return Stream.of(value.split(";"))
                    .skip(1)
                    .map(part -> part.strip().toLowerCase(Locale.ROOT))
                    .filter(part -> part.startsWith("domain=") || part.startsWith("path="))
                    .sorted()
                    .collect(Collectors.joining(";", name + ";", ""));
        }

        /** Hides the value, which may be a ticket. */
        @Override
        public String toString() {
            return "Line[" + name + "]";
        }
    }
}
