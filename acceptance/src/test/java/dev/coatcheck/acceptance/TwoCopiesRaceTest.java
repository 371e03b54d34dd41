package dev.coatcheck.acceptance;

import dev.coatcheck.SessionStore;

/** The races with each session at two of three real memcacheds. */
class TwoCopiesRaceTest extends RaceCases {
    private final ThreeMemcacheds memcached = new ThreeMemcacheds();

    TwoCopiesRaceTest() {
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
