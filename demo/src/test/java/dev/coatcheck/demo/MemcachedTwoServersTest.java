package dev.coatcheck.demo;

import dev.coatcheck.SessionStore;
import dev.coatcheck.test.MemcachedServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** Each server with connections of its own to one memcached. */
class MemcachedTwoServersTest extends TwoServersCases {
    private final MemcachedServer memcached = MemcachedServer.start();
    private final List<SessionStore> opened = new ArrayList<>();

    @Override
    SessionStore open() {
        SessionStore store = SessionStore.open("memcached://" + memcached.address());
        opened.add(store);
        return store;
    }

    @AfterEach
    void close() {
        opened.forEach(SessionStore::close);
        memcached.close();
    }
}
