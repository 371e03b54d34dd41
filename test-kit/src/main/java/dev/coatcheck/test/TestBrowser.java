package dev.coatcheck.test;

import dev.coatcheck.Session;
import dev.coatcheck.SessionManager;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A browser without HTTP: sends requests straight to a {@link SessionManager} and keeps its cookies in a real
 * {@linkplain CookieJar jar}.
 *
 * <pre>{@code
 * TestBrowser alice = new TestBrowser(sessions);
 * alice.visit(session -> session.login("alice"));
 * TestBrowser thief = alice.copyOfJar();
 * alice.visit(Session::logout);
 * assertThat(thief.<Boolean>request(session -> session.userId() != null)).isFalse();
 * }</pre>
 *
 * <p>A request is a {@code GET} of {@code https://app.example/} unless {@link #post}, {@link #at} and their like say
 * otherwise. These return the same browser with other settings: one jar, one last response. Each request is served as by
 * an adapter: the handler runs, the manager commits, the response goes out, the manager finishes. A handler that throws is
 * committed too, as in servlets, and its exception comes out.
 *
 * <p>Safe for use by many threads, as a browser's tabs are.
 */
public final class TestBrowser {
    private static final URI START = URI.create("https://app.example/");

    private final SessionManager manager;
    private final CookieJar jar;
    private final AtomicReference<TestExchange.@Nullable Response> lastResponse;
    private final String method;
    private final URI page;
    private final boolean loopbackPeer;
    private final List<Map.Entry<String, String>> headers;

    /** A browser with an empty jar, whose cookies expire by the system's clock. */
    public TestBrowser(SessionManager manager) {
        this(manager, Clock.systemUTC());
    }

    /** A browser with an empty jar, whose cookies expire by a clock: give the manager's. */
    public TestBrowser(SessionManager manager, Clock clock) {
        this(manager, new CookieJar(clock), new AtomicReference<>(), "GET", START, false, List.of());
    }

    private TestBrowser(
            SessionManager manager,
            CookieJar jar,
            AtomicReference<TestExchange.@Nullable Response> lastResponse,
            String method,
            URI page,
            boolean loopbackPeer,
            List<Map.Entry<String, String>> headers) {
        this.manager = manager;
        this.jar = jar;
        this.lastResponse = lastResponse;
        this.method = method;
        this.page = page;
        this.loopbackPeer = loopbackPeer;
        this.headers = headers;
    }

    /** A browser that has a session with these contents already: one request has set them. */
    public static TestBrowser withSession(SessionManager manager, Consumer<Session> contents) {
        TestBrowser browser = new TestBrowser(manager);
        browser.visit(contents);
        return browser;
    }

    /** A browser whose user has signed in. */
    public static TestBrowser signedInAs(SessionManager manager, String userId) {
        return withSession(manager, session -> session.login(userId));
    }

    // What the next requests look like: the same browser, other settings.

    /** Through another node's manager. */
    public TestBrowser through(SessionManager other) {
        return new TestBrowser(other, jar, lastResponse, method, page, loopbackPeer, headers);
    }

    /**
     * Another page: an address with scheme and host, or a path on this host. An address on {@code localhost} or a loopback
     * address has a loopback peer, every other has none; {@link #loopbackPeer} says it differently.
     */
    public TestBrowser at(String address) {
        URI other = page.resolve(address);
        Page.host(other);
        boolean sameHost = Page.host(other).equals(Page.host(page));
        boolean peer = sameHost ? loopbackPeer : TestExchange.isLoopback(other);
        return new TestBrowser(manager, jar, lastResponse, method, other, peer, headers);
    }

    /** Without TLS on the developer's own machine: {@code http://localhost:8080/}. */
    public TestBrowser localhost() {
        return at("http://localhost:8080/");
    }

    /** Whether requests come from a loopback address, as behind a proxy on the same host. */
    public TestBrowser loopbackPeer(boolean loopback) {
        return new TestBrowser(manager, jar, lastResponse, method, page, loopback, headers);
    }

    /** With another method, and with no header of its own. */
    public TestBrowser method(String other) {
        return new TestBrowser(manager, jar, lastResponse, other, page, loopbackPeer, headers);
    }

    /** With one more header line. A {@code Cookie} line comes after the jar's. */
    public TestBrowser header(String name, String value) {
        List<Map.Entry<String, String>> more = new ArrayList<>(headers);
        more.add(Map.entry(name, value));
        return new TestBrowser(manager, jar, lastResponse, method, page, loopbackPeer, List.copyOf(more));
    }

    /** A form of this site's own page: {@code POST} with the {@code Origin} and {@code Sec-Fetch-Site} of the page as it is now. */
    public TestBrowser post() {
        String origin = page.getScheme() + "://" + page.getRawAuthority();
        return method("POST").header("Origin", origin).header("Sec-Fetch-Site", "same-origin");
    }

    /** A form that another site's page sends here, with what SameSite would hold back: {@code POST} with that {@code Origin}. */
    public TestBrowser postFrom(String origin) {
        return method("POST").header("Origin", origin).header("Sec-Fetch-Site", "cross-site");
    }

    // Requests.

    /** Sends a request and returns what its handler returned; what the handler or the commit throws comes out. */
    public <R extends @Nullable Object> R request(Function<Session, R> handler) {
        return serve(exchange(), handler, () -> {});
    }

    /** Sends a request. */
    public void visit(Consumer<Session> handler) {
        request(session -> {
            handler.accept(session);
            return Boolean.TRUE;
        });
    }

    /** Sends a request whose handler goes on after the response's first byte, where no cookie can be sent any more. */
    public void visit(Consumer<Session> handler, Consumer<Session> afterFirstByte) {
        TestExchange exchange = exchange();
        serve(
                exchange,
                session -> {
                    handler.accept(session);
                    return Boolean.TRUE;
                },
                () -> afterFirstByte.accept(manager.current(exchange)));
    }

    /**
     * Starts a request on a thread of its own, with the jar's cookies as they are now, and holds it when its handler has
     * returned, before its commit. Returns when it is held.
     *
     * @throws AssertionError when the handler does not return within 30 seconds
     */
    public <R extends @Nullable Object> HeldRequest<R> hold(Function<Session, R> handler) {
        TestExchange exchange = exchange();
        HeldRequest<R> held = new HeldRequest<>(exchange);
        held.start(() -> serve(
                exchange,
                session -> {
                    try {
                        return handler.apply(session);
                    } finally {
                        held.hold();
                    }
                },
                () -> {}));
        return held;
    }

    private <R extends @Nullable Object> R serve(
            TestExchange exchange, Function<Session, R> handler, Runnable afterFirstByte) {
        try (Serving serving = new Serving(exchange)) {
            R result = handler.apply(manager.current(exchange));
            serving.commit();
            afterFirstByte.run();
            return result;
        }
    }

    /** Whatever happens in between: commit, send, finish, in this order. */
    private final class Serving implements AutoCloseable {
        private final TestExchange exchange;
        private boolean tried;

        Serving(TestExchange exchange) {
            this.exchange = exchange;
        }

        void commit() {
            tried = true;
            try {
                manager.commit(exchange);
            } finally {
                receive(exchange);
            }
        }

        @Override
        public void close() {
            try {
                if (!tried) {
                    commit();
                }
            } finally {
                manager.finish(exchange);
            }
        }
    }

    /** A request with the jar's cookies as they are now, for tests that drive the manager themselves. */
    public TestExchange exchange() {
        List<Map.Entry<String, String>> lines = new ArrayList<>();
        lines.add(Map.entry("Host", page.getRawAuthority()));
        String cookies = cookieLine();
        if (cookies != null) {
            lines.add(Map.entry("Cookie", cookies));
        }
        lines.addAll(headers);
        return new TestExchange(method, page, loopbackPeer, lines);
    }

    /** Takes an exchange's response as it is, cookies and all, after sending it. {@link #request} does so by itself. */
    public void receive(TestExchange exchange) {
        exchange.send();
        TestExchange.Response response = exchange.response();
        response.setCookies().forEach(line -> jar.receive(exchange.page(), line));
        lastResponse.set(response);
    }

    /**
     * The response that came last.
     *
     * @throws IllegalStateException when there was none yet
     */
    public TestExchange.Response lastResponse() {
        TestExchange.Response response = lastResponse.get();
        if (response == null) {
            throw new IllegalStateException("No request was sent yet");
        }
        return response;
    }

    // The jar.

    /** A browser with the same settings and a copy of the jar: a thief's, or a browser as it was before a change. */
    public TestBrowser copyOfJar() {
        return new TestBrowser(manager, jar.copy(), new AtomicReference<>(), method, page, loopbackPeer, headers);
    }

    /** The jar itself. */
    public CookieJar jar() {
        return jar;
    }

    /** The {@code Cookie} line of the next request; null for none. To hand a browser's session to an HTTP client. */
    public @Nullable String cookieLine() {
        return jar.header(page);
    }

    /** The value of a cookie that the next request carries, by its full name; null for none. */
    public @Nullable String cookie(String name) {
        return jar.cookies(page).stream()
                .filter(cookie -> cookie.name().equals(name))
                .map(CookieJar.Cookie::value)
                .findFirst()
                .orElse(null);
    }

    /** Takes a {@code Set-Cookie} line as if this page had sent it; false when the browser ignores it. */
    public boolean setCookie(String line) {
        return jar.receive(page, line);
    }

    /** Closes the browser and opens it again: session cookies are gone. */
    public void restart() {
        jar.restart();
    }

    /** Method and page; no cookie. */
    @Override
    public String toString() {
        return "TestBrowser[" + method + " " + page + "]";
    }
}
