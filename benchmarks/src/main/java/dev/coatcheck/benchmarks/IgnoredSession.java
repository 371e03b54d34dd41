package dev.coatcheck.benchmarks;

import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.PlainHttp;
import dev.coatcheck.servlet.SessionFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.EnumSet;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.ee11.servlet.FilterHolder;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.LocalConnector;
import org.eclipse.jetty.server.Server;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the filter costs a request that ignores its session. The requests are Jetty's own: two of them wait in a servlet, and
 * pass through the filter again and again.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class IgnoredSession {
    private static final Pattern SET_COOKIE = Pattern.compile("Set-Cookie: ([^;]+);");
    private static final int REPLY_SECONDS = 30;
    /** Where the filter keeps what it knows of a request. */
    private static final String VISIT = "dev.coatcheck.servlet.visit";

    private final SessionManager sessions = SessionManager.builder()
            .keyRing(KeyRing.parse(KeyRing.generate()))
            .plainHttp(PlainHttp.TLS_ENDS_AT_PROXY)
            .build();
    /** Of an application that calls {@code getSession} elsewhere. */
    private final SessionFilter filter = new SessionFilter(sessions);
    /** Of one that uses the typed API alone. */
    private final SessionFilter typed = new SessionFilter(sessions);

    private final Server server = new Server();
    private final LocalConnector connector = new LocalConnector(server);
    private final BlockingQueue<Arrived> waiting = new LinkedBlockingQueue<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final FilterChain ignoring = (request, response) -> {};
    private @Nullable Arrived visitor;
    private @Nullable Arrived known;

    private record Arrived(HttpServletRequest request, HttpServletResponse response) {}

    /** Makes a server that has not started. */
    public IgnoredSession() {}

    /** Starts it, makes a session, and sends the requests that wait. */
    @Setup
    public void start() throws Exception {
        ServletContextHandler context = new ServletContextHandler("/");
        context.addFilter(new FilterHolder(filter), "/in", EnumSet.of(DispatcherType.REQUEST));
        context.addFilter(new FilterHolder(typed), "/typed", EnumSet.of(DispatcherType.REQUEST));
        context.addServlet(new ServletHolder(new SignIn()), "/in");
        context.addServlet(new ServletHolder(new Waiting()), "/wait");
        server.addConnector(connector);
        server.setHandler(context);
        server.start();
        Matcher cookie = SET_COOKIE.matcher(connector.getResponse(get("/in", "")));
        if (!cookie.find()) {
            throw new IllegalStateException("There is no session to ignore");
        }
        visitor = arrived("");
        known = arrived("Cookie: theme=dark; " + cookie.group(1) + "\r\n");
    }

    private static String get(String path, String header) {
        return "GET " + path + " HTTP/1.1\r\nHost: www.example.org\r\nConnection: close\r\n" + header + "\r\n";
    }

    private Arrived arrived(String header) throws InterruptedException {
        connector.executeRequest(get("/wait", header));
        Arrived arrived = waiting.poll(REPLY_SECONDS, TimeUnit.SECONDS);
        if (arrived == null) {
            throw new IllegalStateException("The request did not arrive");
        }
        return arrived;
    }

    /** Stops all. */
    @TearDown
    public void stop() throws Exception {
        over.countDown();
        server.stop();
        sessions.close();
    }

    private static final class SignIn extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) {
            request.getSession().setAttribute("name", "Ann");
        }
    }

    private final class Waiting extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) {
            waiting.add(new Arrived(request, response));
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A request without a ticket, without the filter. */
    @Benchmark
    public void withoutTheFilter() throws Exception {
        Arrived arrived = Objects.requireNonNull(visitor);
        ignoring.doFilter(arrived.request, arrived.response);
    }

    /** A request without a ticket, through the filter. */
    @Benchmark
    public void visitor() throws Exception {
        pass(visitor, typed);
    }

    /** A request with the ticket of a live session, in an application that uses the typed API alone. */
    @Benchmark
    public void ticketTypedApi() throws Exception {
        pass(known, typed);
    }

    /** A request with the ticket of a live session, in an application that uses HttpSession. */
    @Benchmark
    public void ticketHttpSession() throws Exception {
        pass(known, filter);
    }

    private void pass(@Nullable Arrived waiting, SessionFilter by) throws Exception {
        Arrived arrived = Objects.requireNonNull(waiting);
        by.doFilter(arrived.request, arrived.response, ignoring);
        // The next pass is another request.
        arrived.request.removeAttribute(VISIT);
    }
}
