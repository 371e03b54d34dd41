package dev.coatcheck.servlet;

import dev.coatcheck.test.WebServer;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.ArrayList;
import java.util.EventListener;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A servlet container that the tests run in. */
interface Container {

    /** Starts it with an application, on a free port. */
    WebServer start(Application application) throws Exception;

    /** Starts it with an application as it is packed, {@code web.xml} and what announces itself on the class path, on a free port. */
    WebServer deploy(Webapp webapp) throws Exception;

    /** The statuses by which it refuses a {@code Cookie} header that it cannot read. */
    default Set<Integer> refusals() {
        return Set.of(400);
    }

    /** What is deployed: filters on every path and dispatcher type, servlets by path, error pages by status. */
    final class Application {
        final List<Filter> filters = new ArrayList<>();
        final Map<String, String> filterParameters = new LinkedHashMap<>();
        final Map<String, Object> attributes = new LinkedHashMap<>();
        final Map<String, HttpServlet> servlets = new LinkedHashMap<>();
        final Map<Integer, String> errorPages = new LinkedHashMap<>();
        final List<ServerEndpointConfig> endpoints = new ArrayList<>();
        final List<EventListener> listeners = new ArrayList<>();
        final Map<String, Application> others = new LinkedHashMap<>();
        /** Whether the container has sessions of its own too, as web applications have them. */
        boolean containerSessions = true;

        /** Whether the servlets take forms with files. */
        boolean uploads;

        boolean tls;
        boolean http2;

        /** Declares a listener, ahead of the filters' start. */
        Application listener(EventListener listener) {
            listeners.add(listener);
            return this;
        }

        /** Deploys another application below a path of the same host, open to dispatches from this one. */
        Application beside(String path, Application other) {
            others.put(path, other);
            return this;
        }

        Application filter(Filter filter) {
            filters.add(filter);
            return this;
        }

        Application servlet(String path, Page page) {
            servlets.put(path, page.servlet());
            return this;
        }
    }
}
