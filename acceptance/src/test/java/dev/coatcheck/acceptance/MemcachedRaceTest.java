package dev.coatcheck.acceptance;

import dev.coatcheck.SessionStore;

/** The races on a real memcached, through two nodes with connections of their own. */
class MemcachedRaceTest extends RaceCases {
    private final OneMemcached memcached = new OneMemcached();

    MemcachedRaceTest() {
        super(OneMemcached.clock());
    }

    @Override
    SessionStore open() {
        return memcached.direct();
    }

    @Override
    SessionStore openSecond() {
        return memcached.direct();
    }

    @Override
    void stopServers() {
        memcached.stop();
    }
}
