package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/** A store that fails on demand, servers on it and clients of them; all closed after each test. */
abstract class WebFixture {
    static final SessionKey<Integer> COUNT = SessionKey.of("count", Integer.class);
    static final SessionKey<String> NAME = SessionKey.of("name", String.class);

    final FaultyStore faults = new FaultyStore(openStore());
    final CountingStore store = new CountingStore(faults);
    private final KeyRing ring = KeyRing.parse(KeyRing.generate());
    private final List<AutoCloseable> opened = new ArrayList<>();

    /** Opens the store, empty, for each test, which closes it. Called before the subclass's fields are set. By default an embedded one. */
    protected SessionStore openStore() {
        return new EmbeddedSessionStore();
    }

    /**
     * Starts a server on this machine, on a free port.
     *
     * @param sessions what the adapter works with; not to be closed by the server
     * @param pages by path; a request for another path is not asked for
     */
    protected abstract WebServer start(SessionManager sessions, Map<String, WebHandler> pages) throws Exception;

    /** The statuses by which the server itself refuses a {@code Cookie} header that it cannot read. By default 400. */
    protected Set<Integer> refusals() {
        return Set.of(400);
    }

    /** Closes servers and clients, the last one first. */
    @AfterEach
    void closeAll() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
        store.close();
    }

    final <T extends AutoCloseable> T opened(T resource) {
        opened.add(resource);
        return resource;
    }

    final int serve(Map<String, WebHandler> pages) throws Exception {
        return serve(builder().build(), pages);
    }

    final int serve(SessionManager sessions, Map<String, WebHandler> pages) throws Exception {
        opened(sessions);
        return opened(start(sessions, pages)).port();
    }

    final SessionManager.Builder builder() {
        SessionManager.Builder builder = SessionManager.builder().store(store);
        return store.leavesProcess() ? builder.keyRing(ring) : builder;
    }

    final WebClient client(int port) {
        return opened(new WebClient(port));
    }

    static String read(WebPage page) throws IOException {
        Session session = page.session();
        String text = session.get(NAME) + " " + session.get(COUNT);
        page.write(text);
        return text;
    }

    /** A question that may be answered some time after a response is out. */
    interface Question {
        boolean ask() throws Exception;
    }

    static void eventually(Question question) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!question.ask()) {
            assertThat(System.nanoTime()).as("30 seconds have passed").isLessThan(end);
            Thread.onSpinWait();
        }
    }
}
