package dev.coatcheck.demo;

import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import java.net.URI;
import java.time.Clock;

/** A Chirp of a test, over the test's store. */
final class Site implements AutoCloseable {
    private final SessionManager sessions;
    private final Timeline timeline = new Timeline();
    private final ChirpServer server;

    private Site(SessionStore store, KeyRing ring, Clock clock) throws Exception {
        sessions = SessionManager.builder()
                .application("chirp")
                .store(store)
                .keyRing(ring)
                .clock(clock)
                .build();
        server = new ChirpServer(0, sessions, timeline, clock);
        server.start();
    }

    static Site over(SessionStore store) throws Exception {
        return over(store, KeyRing.parse(KeyRing.generate()));
    }

    static Site over(SessionStore store, KeyRing ring) throws Exception {
        return new Site(store, ring, Clock.systemUTC());
    }

    static Site over(SessionStore store, Clock clock) throws Exception {
        return new Site(store, KeyRing.parse(KeyRing.generate()), clock);
    }

    URI uri() {
        return server.uri();
    }

    ChirpServer server() {
        return server;
    }

    Timeline timeline() {
        return timeline;
    }

    /** A browser without cookies. */
    Browser browser() {
        return new Browser(uri());
    }

    @Override
    public void close() {
        try (sessions) {
            server.close();
        }
    }
}
