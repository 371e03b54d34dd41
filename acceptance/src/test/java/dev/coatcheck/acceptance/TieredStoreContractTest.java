package dev.coatcheck.acceptance;

import dev.coatcheck.SessionStore;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.SessionStoreContract;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract on memcached in front of PostgreSQL, each of two application nodes with connections of its own. */
class TieredStoreContractTest extends SessionStoreContract {
    private static MemcachedServer server;
    private static OneDatabase database;

    @BeforeAll
    static void startServers() {
        server = MemcachedServer.start();
        database = new OneDatabase();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Override
    protected SessionStore open() {
        return SessionStore.open(
                "tiered:memcached://" + server.address() + "?timeout=5s+" + database.url("coatcheck.timeout=10s"));
    }

    @Override
    protected SessionStore openSecond(SessionStore first) {
        return open();
    }

    /** A row lives for a quarter of its lease and three seconds longer. */
    @Override
    protected Duration tolerance() {
        return Duration.ofMillis(4_500);
    }

    @Override
    protected void pass(Duration time) {
        if (!time.isNegative()) {
            super.pass(time);
        }
    }

    /** A row hears of a use in a quarter of its lease. */
    @Override
    protected boolean loadsCutLeases() {
        return false;
    }

    @Override
    protected int rounds() {
        return 20;
    }
}
