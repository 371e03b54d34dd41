package dev.coatcheck.servlet;

import dev.coatcheck.test.WebServer;
import io.undertow.UndertowOptions;
import io.undertow.server.handlers.PathHandler;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.servlet.api.FilterInfo;
import io.undertow.servlet.api.ListenerInfo;
import io.undertow.servlet.api.ServletContainer;
import io.undertow.servlet.api.ServletContainerInitializerInfo;
import io.undertow.servlet.api.ServletInfo;
import io.undertow.servlet.util.ImmediateInstanceFactory;
import io.undertow.websockets.jsr.WebSocketDeploymentInfo;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.http.HttpServlet;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Embedded Undertow. */
final class Undertow implements Container {
    @Override
    public WebServer start(Application application) throws Exception {
        List<DeploymentInfo> all = new ArrayList<>(List.of(deployment("/", application)));
        application.others.forEach((path, other) -> all.add(deployment(path, other)));
        return serve(all, application.tls, application.http2);
    }

    /** It looks for a session of its own at the end of every request, and fails where a cookie has bytes above 127. */
    @Override
    public Set<Integer> refusals() {
        return Set.of(400, 500);
    }

    private static DeploymentInfo deployment(String contextPath, Application application) {
        DeploymentInfo deployment = Servlets.deployment()
                .setClassLoader(Undertow.class.getClassLoader())
                .setContextPath(contextPath)
                .setDeploymentName("application at " + contextPath)
                // Otherwise a filter is made with the first request, and its faults are found then.
                .setEagerFilterInit(true);
        application.attributes.forEach(deployment::addServletContextAttribute);
        application.listeners.forEach(listener -> deployment.addListener(
                new ListenerInfo(listener.getClass(), new ImmediateInstanceFactory<>(listener))));
        for (int i = 0; i < application.filters.size(); i++) {
            Filter filter = application.filters.get(i);
            FilterInfo info = new FilterInfo("filter " + i, filter.getClass(), new ImmediateInstanceFactory<>(filter))
                    .setAsyncSupported(true);
            application.filterParameters.forEach(info::addInitParam);
            deployment.addFilter(info);
            for (DispatcherType type : DispatcherType.values()) {
                deployment.addFilterUrlMapping(info.getName(), "/*", type);
            }
        }
        application.servlets.forEach((path, servlet) ->
                deployment.addServlet(new ServletInfo(path, HttpServlet.class, new ImmediateInstanceFactory<>(servlet))
                        .setAsyncSupported(true)
                        .setMultipartConfig(application.uploads ? new MultipartConfigElement("") : null)
                        .addMapping(path)));
        application.errorPages.forEach((status, path) -> deployment.addErrorPage(Servlets.errorPage(path, status)));
        if (!application.endpoints.isEmpty()) {
            WebSocketDeploymentInfo sockets = new WebSocketDeploymentInfo();
            application.endpoints.forEach(sockets::addEndpoint);
            deployment.addServletContextAttribute(WebSocketDeploymentInfo.ATTRIBUTE_NAME, sockets);
        }
        return deployment;
    }

    /** Does what WildFly does with a packed application: Undertow itself reads no {@code web.xml} and looks for no service. */
    @Override
    public WebServer deploy(Webapp webapp) throws Exception {
        DeploymentInfo deployment = deployment("/", new Application());
        webapp.filters.forEach((type, parameters) -> {
            FilterInfo info = Servlets.filter(type.getName(), type).setAsyncSupported(true);
            parameters.forEach(info::addInitParam);
            deployment.addFilter(info);
            for (DispatcherType dispatcher : DispatcherType.values()) {
                deployment.addFilterUrlMapping(info.getName(), "/*", dispatcher);
            }
        });
        webapp.listeners.forEach(type -> deployment.addListener(Servlets.listener(type)));
        deployment.addServlet(
                Servlets.servlet(PackedPage.class).setAsyncSupported(true).addMapping("/"));
        for (ServletContainerInitializer each : ServiceLoader.load(ServletContainerInitializer.class)) {
            if (!each.getClass().getName().matches(Webapp.NOT_OURS)) {
                deployment.addServletContainerInitializer(new ServletContainerInitializerInfo(
                        each.getClass(), new ImmediateInstanceFactory<>(each), Set.of()));
            }
        }
        return serve(List.of(deployment), false, false);
    }

    private static WebServer serve(List<DeploymentInfo> deployments, boolean tls, boolean http2) throws Exception {
        ServletContainer container = Servlets.newContainer();
        PathHandler paths = new PathHandler();
        List<DeploymentManager> managers = new ArrayList<>();
        for (DeploymentInfo deployment : deployments) {
            DeploymentManager manager = container.addDeployment(deployment);
            manager.deploy();
            paths.addPrefixPath(deployment.getContextPath(), manager.start());
            managers.add(manager);
        }
        io.undertow.Undertow.Builder builder = io.undertow.Undertow.builder()
                .setIoThreads(2)
                .setWorkerThreads(8)
                .setServerOption(UndertowOptions.ENABLE_HTTP2, http2)
                .setHandler(paths);
        if (tls) {
            builder.addHttpsListener(0, "127.0.0.1", context());
        } else {
            builder.addHttpListener(0, "127.0.0.1");
        }
        io.undertow.Undertow server = builder.build();
        server.start();
        int port = ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
        return new WebServer() {
            @Override
            public int port() {
                return port;
            }

            @Override
            public void close() {
                server.stop();
                for (DeploymentManager manager : managers) {
                    try {
                        manager.stop();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                    manager.undeploy();
                }
            }
        };
    }

    private static SSLContext context() throws Exception {
        char[] password = Localhost.CERTIFICATE.password().toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(Localhost.CERTIFICATE.keyStore())) {
            store.load(file, password);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }
}
