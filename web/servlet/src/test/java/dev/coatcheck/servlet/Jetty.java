package dev.coatcheck.servlet;

import dev.coatcheck.test.WebServer;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.MultipartConfigElement;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.EnumSet;
import org.eclipse.jetty.ee.webapp.WebAppClassLoader;
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
import org.eclipse.jetty.server.handler.ContextHandlerCollection;

/** Embedded Jetty 12.1 with its servlets of Jakarta EE 11. */
final class Jetty implements Container {
    @Override
    public WebServer start(Application application) throws Exception {
        ContextHandlerCollection contexts = new ContextHandlerCollection();
        contexts.addHandler(deployed("/", application));
        application.others.forEach((path, other) -> contexts.addHandler(deployed(path, other)));
        return JettyServer.start(contexts, application.tls, application.http2);
    }

    @Override
    public WebServer deploy(Webapp webapp) throws Exception {
        WebAppContext context = new WebAppContext();
        context.setContextPath("/");
        context.setBaseResourceAsPath(webapp.unpacked());
        context.setClassLoader(new WebAppClassLoader(webapp.containersLoader(), context));
        context.setThrowUnavailableOnStartupException(true);
        context.setDefaultsDescriptor(null);
        context.setConfigurations(new Configuration[] {
            new WebInfConfiguration(),
            new WebXmlConfiguration(),
            new MetaInfConfiguration(),
            new AnnotationConfiguration()
        });
        context.setAttribute(AnnotationConfiguration.SERVLET_CONTAINER_INITIALIZER_EXCLUSION_PATTERN, Webapp.NOT_OURS);
        return JettyServer.start(context, false, false);
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
            if (application.uploads) {
                holder.getRegistration().setMultipartConfig(new MultipartConfigElement(""));
            }
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
}
