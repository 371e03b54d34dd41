package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpSession;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Containers that the tests do not start: an unknown one, and the shape of Undertow's. */
class ListenerFinderTest {
    private final List<String> log = new ArrayList<>();
    private final Map<String, Object> attributes = new HashMap<>();

    /** What Undertow's servlet context has beyond the Servlet API. */
    public interface WithDeployment {
        Object getDeployment();
    }

    public final class Deployment {
        public Object getApplicationListeners() {
            return new ApplicationListeners();
        }
    }

    public final class ApplicationListeners {
        public void sessionCreated(HttpSession session) {
            log.add("created");
        }

        public void sessionDestroyed(HttpSession session) {
            log.add("destroyed");
            throw new IllegalStateException("the test's own failure");
        }

        public void httpSessionIdChanged(HttpSession session, String oldId) {
            log.add("id " + oldId);
        }

        public void httpSessionAttributeAdded(HttpSession session, String name, Object value) {
            log.add("added " + name + " " + value);
        }

        public void httpSessionAttributeRemoved(HttpSession session, String name, Object value) {
            log.add("removed " + name + " " + value);
        }

        public void httpSessionAttributeReplaced(HttpSession session, String name, Object value) {
            log.add("replaced " + name + " " + value);
        }
    }

    private ServletContext context(Class<?>... more) {
        List<Class<?>> types = new ArrayList<>(List.of(more));
        types.add(ServletContext.class);
        InvocationHandler calls = (proxy, method, arguments) -> switch (method.getName()) {
            case "getAttribute" -> attributes.get(arguments[0]);
            case "getServerInfo" -> "Other/1.0";
            case "getDeployment" -> new Deployment();
            case "log" -> log.add("log: " + arguments[0]);
            default -> throw new UnsupportedOperationException(method.getName());
        };
        return (ServletContext) proxy(calls, types.toArray(Class<?>[]::new));
    }

    private static Object proxy(InvocationHandler calls, Class<?>... types) {
        return Proxy.newProxyInstance(ListenerFinderTest.class.getClassLoader(), types, calls);
    }

    private HttpSession session(ServletContext context) {
        return (HttpSession) proxy(
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getServletContext" -> context;
                    case "isNew" -> true;
                    default -> null;
                },
                HttpSession.class);
    }

    @Test
    void inAnUnknownContainerOnlyWhatWasGivenIsCalledAndTheLogSaysSo() throws Exception {
        attributes.put(SessionFilter.LISTENERS, List.of(new Recorder("given", log)));
        ServletContext context = context();

        SessionListeners listeners = ListenerFinder.of(context);
        assertThat(log).singleElement().asString().contains("Other/1.0", SessionFilter.LISTENERS);
        log.clear();
        listeners.created(session(context));

        assertThat(log).containsExactly("given created, new true");
    }

    @Test
    void undertowCallsItsListenersItselfAndCannotStopALogOut() throws Exception {
        ServletContext context = context(WithDeployment.class);
        HttpSession session = session(context);

        SessionListeners listeners = ListenerFinder.of(context);
        listeners.created(session);
        listeners.attribute(session, "name", null, "Ann");
        listeners.attribute(session, "name", "Ann", "Bea");
        listeners.attribute(session, "name", "Bea", null);
        listeners.attribute(session, "name", null, null);
        listeners.idChanged(session, "old");
        listeners.destroyed(session);

        assertThat(log)
                .startsWith("created", "added name Ann", "replaced name Ann", "removed name Bea", "id old", "destroyed")
                .hasSize(7)
                .last()
                .asString()
                .contains("failed");
    }

    @Test
    void whatIsNoCollectionOfListenersIsRefused() {
        for (Object wrong : List.of("listener", List.of("listener"))) {
            attributes.put(SessionFilter.LISTENERS, wrong);
            assertThatThrownBy(() -> ListenerFinder.of(context()))
                    .isInstanceOf(ServletException.class)
                    .hasMessageContaining(SessionFilter.LISTENERS);
        }
    }
}
