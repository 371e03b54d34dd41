package dev.coatcheck.servlet;

import dev.coatcheck.test.WebServer;
import jakarta.servlet.DispatcherType;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.EnumSet;
import org.eclipse.jetty.ee11.annotations.AnnotationConfiguration;
import org.eclipse.jetty.ee11.servlet.ErrorPageErrorHandler;
import org.eclipse.jetty.ee11.servlet.FilterHolder;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.ee11.webapp.Configuration;
import org.eclipse.jetty.ee11.webapp.MetaInfConfiguration;
import org.eclipse.jetty.ee11.webapp.WebAppContext;
import org.eclipse.jetty.ee11.webapp.WebInfConfiguration;
import org.eclipse.jetty.ee11.webapp.WebXmlConfiguration;
import org.eclipse.jetty.ee11.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.ee11.websocket.servlet.WebSocketUpgradeFilter;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandlerCollection;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Embedded Jetty 12.1 with its servlets of Jakarta EE 11. */
final class Jetty implements Container {
    @Override
    public WebServer start(Application application) throws Exception {
        Server server = new Server();
        ServerConnector connector = connector(server, application.tls, application.http2);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        ContextHandlerCollection contexts = new ContextHandlerCollection();
        contexts.addHandler(deployed("/", application));
        application.others.forEach((path, other) -> contexts.addHandler(deployed(path, other)));
        return start(server, connector, contexts);
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
    public WebServer deploy(Webapp webapp) throws Exception {
        Server server = new Server();
        ServerConnector connector = connector(server, false, false);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        WebAppContext context = new WebAppContext();
        context.setContextPath("/");
        context.setBaseResourceAsPath(webapp.unpacked());
        context.setParentLoaderPriority(true);
        context.setThrowUnavailableOnStartupException(true);
        context.setDefaultsDescriptor(null);
        context.setConfigurations(new Configuration[] {
            new WebInfConfiguration(),
            new WebXmlConfiguration(),
            new MetaInfConfiguration(),
            new AnnotationConfiguration()
        });
        context.setAttribute(AnnotationConfiguration.SERVLET_CONTAINER_INITIALIZER_EXCLUSION_PATTERN, Webapp.NOT_OURS);
        return start(server, connector, context);
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
        if (!application.endpoints.isEmpty()) {
            // Jetty puts its own ahead of all filters, unless there is one of this name.
            FilterHolder upgrades = new FilterHolder(WebSocketUpgradeFilter.class);
            upgrades.setName(WebSocketUpgradeFilter.class.getName());
            upgrades.setAsyncSupported(true);
            context.addFilter(upgrades, "/*", EnumSet.of(DispatcherType.REQUEST));
            JakartaWebSocketServletContainerInitializer.configure(context, (name, sockets) -> {
                for (ServerEndpointConfig endpoint : application.endpoints) {
                    sockets.addEndpoint(endpoint);
                }
            });
        }
        return context;
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
