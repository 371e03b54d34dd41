package dev.coatcheck.frameworks;

import java.nio.file.Path;
import org.eclipse.jetty.ee.webapp.WebAppClassLoader;
import org.eclipse.jetty.ee11.annotations.AnnotationConfiguration;
import org.eclipse.jetty.ee11.webapp.Configuration;
import org.eclipse.jetty.ee11.webapp.MetaInfConfiguration;
import org.eclipse.jetty.ee11.webapp.WebAppContext;
import org.eclipse.jetty.ee11.webapp.WebInfConfiguration;
import org.eclipse.jetty.ee11.webapp.WebXmlConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.session.DefaultSessionCache;

/** An application node: a Jetty with a packed application, on a free port of the loopback. */
final class Node implements AutoCloseable {
    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server);
    private final WebAppContext context = new WebAppContext();

    Node(Path webapp) throws Exception {
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        context.setContextPath("/");
        context.setBaseResourceAsPath(webapp);
        context.setClassLoader(new WebAppClassLoader(new SharedClasses(), context));
        context.setDefaultsDescriptor(null);
        context.setThrowUnavailableOnStartupException(true);
        context.setConfigurations(new Configuration[] {
            new WebInfConfiguration(),
            new WebXmlConfiguration(),
            new MetaInfConfiguration(),
            new AnnotationConfiguration()
        });
        server.setHandler(context);
        try {
            server.start();
        } catch (Exception e) {
            server.stop();
            throw e;
        }
    }

    String address() {
        return "http://127.0.0.1:" + connector.getLocalPort();
    }

    /** How many sessions of its own the container has ever made. */
    long containerSessions() {
        return ((DefaultSessionCache) context.getSessionHandler().getSessionCache()).getSessionsTotal();
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
