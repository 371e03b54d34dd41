package dev.coatcheck.demo;

import dev.coatcheck.SessionManager;
import dev.coatcheck.servlet.SessionFilter;
import jakarta.servlet.DispatcherType;
import java.net.URI;
import java.time.Clock;
import java.util.EnumSet;
import org.eclipse.jetty.ee11.servlet.ErrorPageErrorHandler;
import org.eclipse.jetty.ee11.servlet.FilterHolder;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Chirp in an embedded Jetty, for this machine's own browsers. */
public final class ChirpServer implements AutoCloseable {
    private static final int THREADS = 64;
    private static final long IDLE_MILLIS = 30_000;
    private static final long IDLE_MILLIS_AT_STOP = 50;
    private static final long STOP_MILLIS = 5_000;

    private final Server jetty = new Server(new QueuedThreadPool(THREADS));
    private final ServerConnector connector;

    /**
     * A server that is not started yet.
     *
     * @param port 0 for any that is free
     * @param sessions stays open when the server is closed
     */
    public ChirpServer(int port, SessionManager sessions, Timeline timeline, Clock clock) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        connector = new ServerConnector(jetty, new HttpConnectionFactory(http));
        connector.setHost("localhost");
        connector.setPort(port);
        connector.setIdleTimeout(IDLE_MILLIS);
        connector.setShutdownIdleTimeout(IDLE_MILLIS_AT_STOP);
        jetty.addConnector(connector);
        jetty.setStopTimeout(STOP_MILLIS);

        Templates templates = new Templates();
        ErrorPageErrorHandler errorPages = new ErrorPageErrorHandler();
        errorPages.addErrorPage(ErrorPageErrorHandler.GLOBAL_ERROR_PAGE, "/problem");
        ServletContextHandler context = new ServletContextHandler("/");
        context.setErrorHandler(errorPages);
        context.addFilter(new FilterHolder(new SessionFilter(sessions)), "/*", EnumSet.allOf(DispatcherType.class));
        context.addServlet(new ServletHolder(new FrontServlet(sessions, timeline, clock, templates)), "/");
        jetty.setHandler(context);
        jetty.setErrorHandler(new ServerErrors(templates));
    }

    /** Takes requests from now on. */
    public void start() throws Exception {
        jetty.start();
    }

    /** Where a browser finds it. */
    public URI uri() {
        return URI.create("http://localhost:" + connector.getLocalPort());
    }

    /** The server itself, to which tests add a connector with TLS. */
    Server jetty() {
        return jetty;
    }

    /** Lets the requests under way end, for 5 seconds at most. */
    @Override
    public void close() {
        try {
            jetty.stop();
        } catch (Exception e) {
            throw new IllegalStateException("Chirp did not stop in order", e);
        }
    }
}
