package dev.coatcheck.acceptance;

import dev.coatcheck.SessionStore;

/** A user's sessions, each at two of three real memcacheds. */
class TwoCopiesDeviceTest extends DeviceCases {
    private final ThreeMemcacheds memcached = new ThreeMemcacheds();

    TwoCopiesDeviceTest() {
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
