package dev.coatcheck.servlet;

import dev.coatcheck.test.WebServer;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.ServletContext;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.websocket.server.WsSci;

/** Embedded Tomcat 11. */
final class Tomcat implements Container {
    /** Tomcat logs a cookie line that it cannot parse, tickets and all. Kept here, since loggers are held weakly. */
    private static final Logger COOKIE_PARSER = Logger.getLogger("org.apache.tomcat.util.http.parser.Cookie");

    static {
        COOKIE_PARSER.setLevel(Level.WARNING);
    }

    @Override
    public WebServer start(Application application) throws Exception {
        Path folder = Files.createTempDirectory("coatcheck-tomcat");
        org.apache.catalina.startup.Tomcat tomcat = new org.apache.catalina.startup.Tomcat();
        tomcat.setBaseDir(folder.toString());
        tomcat.setConnector(connector(application.tls));
        if (application.http2) {
            tomcat.getConnector().addUpgradeProtocol(new Http2Protocol());
        }
        Context context = deployed(tomcat, "", folder, application);
        application.others.forEach((path, other) -> deployed(tomcat, path, folder, other));
        return start(tomcat, context, folder);
    }

    private static void add(List<ServerEndpointConfig> endpoints, ServletContext context) {
        ServerContainer sockets = (ServerContainer) context.getAttribute(ServerContainer.class.getName());
        for (ServerEndpointConfig endpoint : endpoints) {
            try {
                sockets.addEndpoint(endpoint);
            } catch (DeploymentException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public WebServer deploy(Webapp webapp) throws Exception {
        Path folder = Files.createTempDirectory("coatcheck-tomcat");
        org.apache.catalina.startup.Tomcat tomcat = new org.apache.catalina.startup.Tomcat();
        tomcat.setBaseDir(folder.toString());
        tomcat.setConnector(connector(false));
        // The default one asks for JSP, which is not here.
        tomcat.setAddDefaultWebXmlToWebapp(false);
        Context context = tomcat.addWebapp("", webapp.unpacked().toString());
        context.setContainerSciFilter(Webapp.NOT_OURS);
        context.setParentClassLoader(webapp.containersLoader());
        context.getJarScanner().setJarScanFilter((type, jar) -> false);
        return start(tomcat, context, folder);
    }

    private static WebServer start(org.apache.catalina.startup.Tomcat tomcat, Context context, Path folder)
            throws LifecycleException {
        tomcat.start();
        if (context.getState() != LifecycleState.STARTED) {
            stop(tomcat, folder);
            throw new IllegalStateException("The application did not start");
        }
        return new WebServer() {
            @Override
            public int port() {
                return tomcat.getConnector().getLocalPort();
            }

            @Override
            public void close() {
                stop(tomcat, folder);
            }
        };
    }

    private static Context deployed(
            org.apache.catalina.startup.Tomcat tomcat, String path, Path folder, Application application) {
        Context context = tomcat.addContext(path, folder.toString());
        context.setCrossContext(true);
        context.addServletContainerInitializer(
                (classes, servletContext) -> application.listeners.forEach(servletContext::addListener), null);
        application.attributes.forEach(context.getServletContext()::setAttribute);
        for (int i = 0; i < application.filters.size(); i++) {
            FilterDef definition = new FilterDef();
            definition.setFilterName("filter " + i);
            definition.setFilter(application.filters.get(i));
            definition.setAsyncSupported("true");
            application.filterParameters.forEach(definition::addInitParameter);
            context.addFilterDef(definition);
            FilterMap map = new FilterMap();
            map.setFilterName(definition.getFilterName());
            map.addURLPattern("/*");
            for (DispatcherType type : DispatcherType.values()) {
                map.setDispatcher(type.name());
            }
            context.addFilterMap(map);
        }
        application.servlets.forEach((pattern, servlet) -> {
            Wrapper wrapper = org.apache.catalina.startup.Tomcat.addServlet(context, pattern, servlet);
            wrapper.setAsyncSupported(true);
            if (application.uploads) {
                wrapper.setMultipartConfigElement(new MultipartConfigElement(""));
            }
            wrapper.addMapping(pattern);
        });
        application.errorPages.forEach((status, location) -> {
            ErrorPage page = new ErrorPage();
            page.setErrorCode(status);
            page.setLocation(location);
            context.addErrorPage(page);
        });
        if (!application.endpoints.isEmpty()) {
            context.addServletContainerInitializer(new WsSci(), null);
            context.addServletContainerInitializer((classes, servlets) -> add(application.endpoints, servlets), null);
        }
        return context;
    }

    private static Connector connector(boolean tls) {
        Connector connector = new Connector();
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        if (tls) {
            connector.setSecure(true);
            connector.setScheme("https");
            connector.setProperty("SSLEnabled", "true");
            SSLHostConfig host = new SSLHostConfig();
            SSLHostConfigCertificate keys = new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.EC);
            keys.setCertificateKeystoreFile(Localhost.CERTIFICATE.keyStore().toString());
            keys.setCertificateKeystoreType("PKCS12");
            keys.setCertificateKeystorePassword(Localhost.CERTIFICATE.password());
            host.addCertificate(keys);
            connector.addSslHostConfig(host);
        }
        return connector;
    }

    private static void stop(org.apache.catalina.startup.Tomcat tomcat, Path folder) {
        try {
            tomcat.stop();
            tomcat.destroy();
            try (Stream<Path> files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        } catch (LifecycleException e) {
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
