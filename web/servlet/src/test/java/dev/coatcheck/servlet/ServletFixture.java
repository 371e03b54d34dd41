package dev.coatcheck.servlet;

import dev.coatcheck.KeyRing;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One container with the filter, a store that is counted, and clients; all closed after each test. Every contract runs with
 * the sessions in each place.
 */
@ParameterizedClass(name = "{0}")
@EnumSource(Place.class)
abstract class ServletFixture {
    static final SessionKey<String> NAME = SessionKey.of("name", String.class);

    final Container container;

    @Parameter
    Place place;

    FaultyStore faults;
    CountingStore store;
    private final String keyRing = KeyRing.generate();
    private final List<AutoCloseable> opened = new ArrayList<>();

    ServletFixture(Container container) {
        this.container = container;
    }

    @BeforeParameterizedClassInvocation
    static void begin(Place place) {
        place.begin();
    }

    @AfterParameterizedClassInvocation
    static void end(Place place) {
        place.end();
    }

    @BeforeEach
    void openStore() {
        faults = new FaultyStore(place.open());
        store = new CountingStore(faults);
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

    SessionManager.Builder builder() {
        return SessionManager.builder().store(store).keyRing(KeyRing.parse(keyRing));
    }

    SessionManager manager() {
        return opened(builder().build());
    }

    /** The place and the keys as the filter's parameters say them. */
    Map<String, String> settings() {
        return Map.of("store", place.url(), "keyRing", keyRing);
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
