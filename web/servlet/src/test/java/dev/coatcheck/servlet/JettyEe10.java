package dev.coatcheck.servlet;

import dev.coatcheck.test.WebServer;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import org.eclipse.jetty.ee10.servlet.ErrorPageErrorHandler;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Embedded Jetty 12.1 with its servlets of Jakarta EE 10. */
final class JettyEe10 implements Container {
    @Override
    public WebServer start(Application application) throws Exception {
        Server server = new Server();
        ServerConnector connector = connector(server, application.tls, application.http2);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler(
                "/",
                application.containerSessions ? ServletContextHandler.SESSIONS : ServletContextHandler.NO_SESSIONS);
        context.addServletContainerInitializer(
                (classes, servletContext) -> application.listeners.forEach(servletContext::addListener));
        application.attributes.forEach(context::setAttribute);
        application.filters.forEach(filter -> {
            FilterHolder holder = new FilterHolder(filter);
            holder.setAsyncSupported(true);
            holder.setInitParameters(application.filterParameters);
            context.addFilter(holder, "/*", EnumSet.allOf(DispatcherType.class));
        });
        application.servlets.forEach((path, servlet) -> {
            ServletHolder holder = new ServletHolder(path, servlet);
            holder.setAsyncSupported(true);
            context.addServlet(holder, path);
        });
        ErrorPageErrorHandler errors = new ErrorPageErrorHandler();
        application.errorPages.forEach(errors::addErrorPage);
        context.setErrorHandler(errors);
        return start(server, connector, context);
    }

    private static WebServer start(Server server, ServerConnector connector, Handler handler) throws Exception {
        server.setHandler(handler);
        try {
            server.start();
        } catch (Exception e) {
            server.stop();
            throw e;
        }
        return new WebServer() {
            @Override
            public int port() {
                return connector.getLocalPort();
            }

            @Override
            public void close() {
                try {
                    server.stop();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }
        };
    }

    @Override
    public WebServer deploy(Webapp webapp) {
        throw new UnsupportedOperationException("As with ee11");
    }

    private static ServerConnector connector(Server server, boolean tls, boolean http2) {
        if (!tls) {
            HttpConfiguration http = new HttpConfiguration();
            return http2
                    ? new ServerConnector(
                            server, new HttpConnectionFactory(http), new HTTP2CServerConnectionFactory(http))
                    : new ServerConnector(server, new HttpConnectionFactory(http));
        }
        SslContextFactory.Server keys = new SslContextFactory.Server();
        keys.setKeyStorePath(Localhost.CERTIFICATE.keyStore().toString());
        keys.setKeyStorePassword(Localhost.CERTIFICATE.password());
        HttpConfiguration https = new HttpConfiguration();
        https.addCustomizer(new SecureRequestCustomizer(false));
        return new ServerConnector(server, keys, new HttpConnectionFactory(https));
    }
}
