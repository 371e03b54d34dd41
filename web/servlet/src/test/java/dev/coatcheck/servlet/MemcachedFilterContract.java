package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.WebClient;
import dev.coatcheck.test.WebHandler;
import dev.coatcheck.test.WebServer;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The web contract on a real memcached, and two servers on it that share their sessions. */
abstract class MemcachedFilterContract extends FilterContract {
    private static final SessionKey<Integer> SEEN = SessionKey.of("seen", Integer.class);

    private static final Map<String, WebHandler> PAGES = Map.of(
            "/in", page -> page.session().login("alice"),
            "/out", page -> page.session().logout(),
            "/count", page -> page.write("seen " + page.session().update(SEEN, 0, n -> n + 1)),
            "/who", page -> page.write("user " + page.session().userId()));

    private static MemcachedServer memcached;

    MemcachedFilterContract(Container container) {
        super(container, false);
    }

    @BeforeAll
    static void startMemcached() {
        memcached = MemcachedServer.start();
    }

    @AfterAll
    static void stopMemcached() {
        memcached.close();
    }

    @Override
    protected SessionStore openStore() {
        return SessionStore.open("memcached://" + memcached.address() + "?timeout=5s");
    }

    /** An application node: its own store, its own manager, its own server. */
    private final class Node implements AutoCloseable {
        private final SessionStore store = openStore();
        private final SessionManager sessions;
        private final WebServer server;

        Node(KeyRing ring) throws Exception {
            sessions = SessionManager.builder().store(store).keyRing(ring).build();
            server = start(sessions, PAGES);
        }

        /** A request of this browser, which keeps its cookies. */
        String get(String path, WebClient browser) throws Exception {
            try (WebClient here = browser.copy(server.port())) {
                return here.get(path).body();
            }
        }

        @Override
        public void close() {
            server.close();
            sessions.close();
            store.close();
        }
    }

    @Test
    void twoServersShareASessionAndItsEnd() throws Exception {
        KeyRing ring = KeyRing.parse(KeyRing.generate());
        try (Node one = new Node(ring);
                Node two = new Node(ring)) {
            WebClient browser = signedIn(one);
            assertThat(two.get("/who", browser)).isEqualTo("user alice");
            for (int i = 1; i <= 10; i++) {
                assertThat((i % 2 == 0 ? one : two).get("/count", browser)).isEqualTo("seen " + i);
            }
            two.get("/out", browser);
            assertThat(one.get("/who", browser)).isEqualTo("user null");
        }
    }

    private static WebClient signedIn(Node node) throws Exception {
        WebClient browser = new WebClient(node.server.port());
        browser.get("/in");
        browser.close();
        return browser;
    }

    @Test
    void aServerThatIsStartedAnewKnowsItsUsers() throws Exception {
        KeyRing ring = KeyRing.parse(KeyRing.generate());
        WebClient browser;
        try (Node before = new Node(ring)) {
            browser = signedIn(before);
        }
        try (Node after = new Node(ring)) {
            assertThat(after.get("/who", browser)).isEqualTo("user alice");
        }
    }
}
