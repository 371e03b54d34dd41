package dev.coatcheck.store.memcached;

import dev.coatcheck.SessionStore;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.SessionStoreContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract with each session at two of three real memcacheds. Leases take real time. */
class TwoCopiesContractTest extends SessionStoreContract {
    private static final List<MemcachedServer> SERVERS = new ArrayList<>();

    @BeforeAll
    static void startServers() {
        for (int i = 0; i < 3; i++) {
            SERVERS.add(MemcachedServer.start());
        }
    }

    @AfterAll
    static void stopServers() {
        SERVERS.forEach(MemcachedServer::close);
        SERVERS.clear();
    }

    @Override
    protected SessionStore open() {
        String nodes = SERVERS.stream().map(MemcachedServer::address).collect(Collectors.joining(","));
        return MemcachedSessionStore.open("memcached://" + nodes + "?copies=2&timeout=5s");
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

    @Override
    protected boolean tellsGone() {
        return false;
    }
}
