package dev.coatcheck.servlet;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.servlet.Container.Application;
import dev.coatcheck.test.CountingStore;
import dev.coatcheck.test.FaultyStore;
import dev.coatcheck.test.WebClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/** One container with the filter, a store that is counted, and clients; all closed after each test. */
abstract class ServletFixture {
    static final SessionKey<String> NAME = SessionKey.of("name", String.class);

    final Container container;
    final FaultyStore faults = new FaultyStore(new EmbeddedSessionStore());
    final CountingStore store = new CountingStore(faults);
    private final List<AutoCloseable> opened = new ArrayList<>();

    ServletFixture(Container container) {
        this.container = container;
    }

    @AfterEach
    void closeAll() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
        store.close();
    }

    <T extends AutoCloseable> T opened(T resource) {
        opened.add(resource);
        return resource;
    }

    SessionManager manager() {
        return opened(SessionManager.builder().store(store).build());
    }

    /** An application behind one filter; more can be added. */
    Application application(Map<String, Page> pages) {
        Application application = new Application().filter(new SessionFilter(manager()));
        pages.forEach(application::servlet);
        return application;
    }

    WebClient client(Application application) throws Exception {
        return opened(new WebClient(opened(container.start(application)).port()));
    }

    WebClient client(Map<String, Page> pages) throws Exception {
        return client(application(pages));
    }

    static Page set(String name) {
        return (request, response) -> Sessions.current(request).set(NAME, name);
    }

    static final Page READ = (request, response) ->
            response.getWriter().write("name " + Sessions.current(request).get(NAME));
}
