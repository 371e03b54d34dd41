package dev.coatcheck.store.memcached;

import dev.coatcheck.SessionStore;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.SessionStoreContract;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract on the real memcached, each of two application nodes with connections of its own. Leases take real time. */
class MemcachedSessionStoreContractTest extends SessionStoreContract {
    private static MemcachedServer server;

    @BeforeAll
    static void startServer() {
        server = MemcachedServer.start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Override
    protected SessionStore open() {
        return MemcachedSessionStore.open("memcached://" + server.address() + "?timeout=5s");
    }

    @Override
    protected SessionStore openSecond(SessionStore first) {
        return open();
    }

    /** memcached counts whole seconds, and may end an item 1.3 s early. */
    @Override
    protected Duration tolerance() {
        return Duration.ofSeconds(2);
    }
}
