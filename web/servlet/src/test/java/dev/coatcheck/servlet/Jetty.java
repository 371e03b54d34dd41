package dev.coatcheck.servlet;

import dev.coatcheck.test.WebServer;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import org.eclipse.jetty.ee11.servlet.ErrorPageErrorHandler;
import org.eclipse.jetty.ee11.servlet.FilterHolder;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandlerCollection;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Embedded Jetty 12.1. */
final class Jetty implements Container {
    @Override
    public WebServer start(Application application) throws Exception {
        Server server = new Server();
        ServerConnector connector = connector(server, application.tls);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        ContextHandlerCollection contexts = new ContextHandlerCollection();
        contexts.addHandler(deployed("/", application));
        application.others.forEach((path, other) -> contexts.addHandler(deployed(path, other)));
        server.setHandler(contexts);
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

    private static ServletContextHandler deployed(String path, Application application) {
        ServletContextHandler context = new ServletContextHandler(
                path,
                application.containerSessions ? ServletContextHandler.SESSIONS : ServletContextHandler.NO_SESSIONS);
        context.setCrossContextDispatchSupported(true);
        context.addServletContainerInitializer(
                (classes, servletContext) -> application.listeners.forEach(servletContext::addListener));
        application.attributes.forEach(context::setAttribute);
        application.filters.forEach(filter -> {
            FilterHolder holder = new FilterHolder(filter);
            holder.setAsyncSupported(true);
            holder.setInitParameters(application.filterParameters);
            context.addFilter(holder, "/*", EnumSet.allOf(DispatcherType.class));
        });
        application.servlets.forEach((pattern, servlet) -> {
            ServletHolder holder = new ServletHolder(pattern, servlet);
            holder.setAsyncSupported(true);
            context.addServlet(holder, pattern);
        });
        ErrorPageErrorHandler errors = new ErrorPageErrorHandler();
        application.errorPages.forEach(errors::addErrorPage);
        context.setErrorHandler(errors);
        return context;
    }

    private static ServerConnector connector(Server server, boolean tls) {
        if (!tls) {
            return new ServerConnector(server);
        }
        SslContextFactory.Server keys = new SslContextFactory.Server();
        keys.setKeyStorePath(Localhost.CERTIFICATE.keyStore().toString());
        keys.setKeyStorePassword(Localhost.CERTIFICATE.password());
        HttpConfiguration https = new HttpConfiguration();
        https.addCustomizer(new SecureRequestCustomizer(false));
        return new ServerConnector(server, keys, new HttpConnectionFactory(https));
    }
}
