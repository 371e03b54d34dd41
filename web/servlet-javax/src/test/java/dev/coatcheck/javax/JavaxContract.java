package dev.coatcheck.javax;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.servlet.SessionFilter;
import dev.coatcheck.servlet.SessionInitializer;
import dev.coatcheck.servlet.Sessions;
import dev.coatcheck.test.CountingStore;
import dev.coatcheck.test.WebClient;
import dev.coatcheck.test.WebServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EventListener;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.servlet.AsyncContext;
import javax.servlet.Filter;
import javax.servlet.ServletContainerInitializer;
import javax.servlet.ServletException;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import javax.servlet.http.HttpSession;
import javax.servlet.http.HttpSessionEvent;
import javax.servlet.http.HttpSessionIdListener;
import javax.servlet.http.HttpSessionListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The transformed classes in a container of {@code javax.servlet}. */
abstract class JavaxContract {
    private static final SessionKey<String> CART = SessionKey.of("cart", String.class);

    private final CountingStore store = new CountingStore(new EmbeddedSessionStore());
    private final SessionManager sessions =
            SessionManager.builder().store(store).build();
    private final Map<String, Page> pages = new LinkedHashMap<>();
    private final List<String> heard = new CopyOnWriteArrayList<>();

    private WebServer server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
        sessions.close();
        store.close();
    }

    private interface Page {
        void serve(HttpServletRequest request, HttpServletResponse response) throws IOException, ServletException;
    }

    /** Starts the container with the filter on every path and dispatcher type, and a listener that is added at its start. */
    abstract WebServer start(Filter filter, Map<String, HttpServlet> servlets, EventListener listener) throws Exception;

    private WebClient client() throws Exception {
        Map<String, HttpServlet> servlets = new LinkedHashMap<>();
        pages.forEach((path, page) -> servlets.put(path, servlet(page)));
        WebServer started = start(new SessionFilter(sessions), servlets, new Listener());
        server = started;
        return new WebClient(started.port());
    }

    private static HttpServlet servlet(Page page) {
        return new HttpServlet() {
            @Override
            protected void service(HttpServletRequest request, HttpServletResponse response)
                    throws IOException, ServletException {
                page.serve(request, response);
            }
        };
    }

    private final class Listener implements HttpSessionListener, HttpSessionIdListener {
        @Override
        public void sessionCreated(HttpSessionEvent event) {
            heard.add("created");
        }

        @Override
        public void sessionDestroyed(HttpSessionEvent event) {
            heard.add("destroyed with " + event.getSession().getAttribute("name"));
        }

        @Override
        public void sessionIdChanged(HttpSessionEvent event, String oldId) {
            heard.add("changed");
        }
    }

    private static void read(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession(false);
        response.getWriter()
                .write(
                        session == null
                                ? "nobody"
                                : Sessions.current(request).userId() + " is " + session.getAttribute("name") + " with "
                                        + Sessions.current(request).get(CART));
    }

    @Test
    void aUserSignsInReadsRotatesAndSignsOut() throws Exception {
        pages.put("/in", (request, response) -> {
            Sessions.current(request).login("ann");
            Sessions.current(request).set(CART, "a hat");
            request.getSession().setAttribute("name", "Ann");
        });
        pages.put("/read", JavaxContract::read);
        pages.put("/rotate", (request, response) -> request.changeSessionId());
        pages.put("/out", (request, response) -> request.getSession().invalidate());
        try (WebClient client = client()) {
            assertThat(client.get("/read").body()).isEqualTo("nobody");
            assertThat(client.get("/in").cookies()).hasSize(1);
            assertThat(client.get("/read").body()).isEqualTo("ann is Ann with a hat");
            String before = client.jar().get("SID");
            assertThat(client.get("/rotate").status()).isEqualTo(200);
            assertThat(client.jar().get("SID")).isNotEqualTo(before);
            assertThat(client.get("/read").body()).isEqualTo("ann is Ann with a hat");
            assertThat(client.get("/out").status()).isEqualTo(200);
            assertThat(client.get("/read").body()).isEqualTo("nobody");
        }
        assertThat(heard).containsExactly("created", "changed", "destroyed with Ann");
    }

    @Test
    void aRequestThatIgnoresItsSessionSendsNoCommand() throws Exception {
        pages.put("/in", (request, response) -> request.getSession());
        pages.put("/ignore", (request, response) -> response.getWriter().write("ignored"));
        try (WebClient client = client()) {
            client.get("/in");
            store.reset();
            assertThat(client.get("/ignore").body()).isEqualTo("ignored");
        }
        assertThat(store.counts()).hasToString("nothing");
    }

    @Test
    void theSessionIsSavedAheadOfARedirectAForwardAndAnAsynchronousAnswer() throws Exception {
        pages.put("/redirect", (request, response) -> {
            request.getSession().setAttribute("name", "Ann");
            response.sendRedirect("/read");
        });
        pages.put("/forward", (request, response) -> {
            request.getSession().setAttribute("name", "Bea");
            request.getRequestDispatcher("/read").forward(request, response);
        });
        pages.put("/async", (request, response) -> {
            AsyncContext context = request.startAsync();
            context.start(() -> {
                request.getSession().setAttribute("name", "Cleo");
                try {
                    read(request, response);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                context.complete();
            });
        });
        pages.put("/read", JavaxContract::read);
        try (WebClient client = client()) {
            assertThat(client.get("/redirect").status()).isEqualTo(302);
            assertThat(client.get("/read").body()).isEqualTo("null is Ann with null");
            assertThat(client.get("/forward").body()).isEqualTo("null is Bea with null");
            assertThat(client.get("/async").body()).isEqualTo("null is Cleo with null");
            assertThat(client.get("/read").body()).isEqualTo("null is Cleo with null");
        }
    }

    @Test
    @SuppressWarnings("deprecation") // what old applications call
    void theOldNamesOfASessionsMethodsWork() throws Exception {
        pages.put("/old", (request, response) -> {
            HttpSession session = request.getSession();
            session.putValue("name", "Ann");
            session.putValue("gone", "soon");
            session.removeValue("gone");
            response.getWriter().write(session.getValue("name") + " of " + List.of(session.getValueNames()));
        });
        try (WebClient client = client()) {
            assertThat(client.get("/old").body()).isEqualTo("Ann of [name]");
        }
    }

    @Test
    void theMethodsOfWhatThePagesSeeCanBeListed() throws Exception {
        pages.put("/list", (request, response) -> {
            for (Object each : List.of(request, response, request.getSession())) {
                assertThat(each.getClass().getDeclaredMethods()).isNotEmpty();
            }
        });
        try (WebClient client = client()) {
            assertThat(client.get("/list").status()).isEqualTo(200);
        }
    }

    @Test
    void containersFindTheInitializer() {
        assertThat(ServiceLoader.load(ServletContainerInitializer.class))
                .anySatisfy(found -> assertThat(found).isInstanceOf(SessionInitializer.class));
    }
}
