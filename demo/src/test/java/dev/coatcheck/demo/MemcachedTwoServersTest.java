package dev.coatcheck.demo;

import dev.coatcheck.SessionStore;
import dev.coatcheck.test.MemcachedServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** Each server with connections of its own to one memcached. */
class MemcachedTwoServersTest extends TwoServersCases {
    final MemcachedServer memcached = MemcachedServer.start();
    final List<SessionStore> opened = new ArrayList<>();

    /** Of each server's store. */
    String url() {
        return "memcached://" + memcached.address() + "?timeout=5s";
    }

    @Override
    SessionStore open() {
        SessionStore store = SessionStore.open(url());
        opened.add(store);
        return store;
    }

    @AfterEach
    void close() {
        opened.forEach(SessionStore::close);
        memcached.close();
    }
}
