package dev.coatcheck.servlet;

import dev.coatcheck.test.WebServer;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import org.eclipse.jetty.ee10.servlet.ErrorPageErrorHandler;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;

/** Embedded Jetty 12.1 with its servlets of Jakarta EE 10. */
final class JettyEe10 implements Container {
    @Override
    public WebServer start(Application application) throws Exception {
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
        return JettyServer.start(context, application.tls, application.http2);
    }

    @Override
    public WebServer deploy(Webapp webapp) {
        throw new UnsupportedOperationException("As with ee11");
    }
}
