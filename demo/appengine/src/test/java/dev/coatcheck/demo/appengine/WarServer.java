package dev.coatcheck.demo.appengine;

import com.google.appengine.tools.development.testing.LocalDatastoreServiceTestConfig;
import com.google.appengine.tools.development.testing.LocalMemcacheServiceTestConfig;
import com.google.appengine.tools.development.testing.LocalServiceTestHelper;
import com.google.apphosting.api.ApiProxy;
import dev.coatcheck.KeyRing;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
import org.eclipse.jetty.ee11.webapp.WebAppContext;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.NetworkConnector;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * The war in Jetty, on Google's local Memcache and Datastore. As on App Engine a thread may call the services while it serves a
 * request, and no other may; the API's classes that reach the services are the runtime's; and the variables of
 * {@code appengine-web.xml} are set, here as the system properties that take their place.
 */
final class WarServer {
    private static final String WAR = System.getProperty("war");

    private final LocalServiceTestHelper services =
            new LocalServiceTestHelper(new LocalMemcacheServiceTestConfig(), new LocalDatastoreServiceTestConfig());
    private final Server server = new Server(0);
    private final Document descriptor;
    private final ApiProxy.Environment requests;

    WarServer() throws Exception {
        descriptor = descriptor();
        services.setUp();
        requests = ApiProxy.getCurrentEnvironment();
        WebAppContext application = new WebAppContext(WAR, "/");
        application.getProtectedClassMatcher().add("com.google.");
        application.setThrowUnavailableOnStartupException(true);
        server.setHandler(new Handler.Wrapper(application) {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                ApiProxy.setEnvironmentForCurrentThread(requests);
                try {
                    return super.handle(request, response, callback);
                } finally {
                    ApiProxy.clearEnvironmentForCurrentThread();
                }
            }
        });
        Map<String, String> variables = new HashMap<>(variables());
        variables.put("COATCHECK_KEYS", KeyRing.generate());
        System.setProperty("coatcheck.store", variables.get("COATCHECK_STORE"));
        System.setProperty("coatcheck.keyRing", variables.get("COATCHECK_KEYS"));
        server.start();
    }

    private static Document descriptor() throws Exception {
        try (ZipFile war = new ZipFile(WAR);
                InputStream in = war.getInputStream(war.getEntry("WEB-INF/appengine-web.xml"))) {
            return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(in);
        }
    }

    private Map<String, String> variables() {
        Map<String, String> variables = new HashMap<>();
        NodeList all = descriptor.getElementsByTagName("env-var");
        for (int i = 0; i < all.getLength(); i++) {
            Element variable = (Element) all.item(i);
            variables.put(variable.getAttribute("name"), variable.getAttribute("value"));
        }
        return variables;
    }

    /** What {@code appengine-web.xml} says of a switch. */
    String said(String element) {
        return descriptor.getElementsByTagName(element).item(0).getTextContent();
    }

    /** Asks the services as a request may; the caller may from then on. */
    <T> T asRequest(Callable<T> task) throws Exception {
        ApiProxy.setEnvironmentForCurrentThread(requests);
        return task.call();
    }

    int port() {
        return ((NetworkConnector) server.getConnectors()[0]).getLocalPort();
    }

    void stop() throws Exception {
        try {
            server.stop();
        } finally {
            ApiProxy.setEnvironmentForCurrentThread(requests);
            services.tearDown();
            System.clearProperty("coatcheck.store");
            System.clearProperty("coatcheck.keyRing");
        }
    }
}
