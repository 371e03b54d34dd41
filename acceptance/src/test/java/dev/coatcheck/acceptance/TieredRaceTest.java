package dev.coatcheck.acceptance;

import dev.coatcheck.DurableSessionStore;
import dev.coatcheck.SessionCache;
import dev.coatcheck.SessionStore;
import dev.coatcheck.TieredSessionStore;

/** The races on a real memcached in front of a real PostgreSQL, through two nodes with connections of their own. */
class TieredRaceTest extends RaceCases {
    private final OneMemcached memcached = new OneMemcached();
    private final OneDatabase database = new OneDatabase();

    TieredRaceTest() {
        super(OneMemcached.clock());
    }

    @Override
    SessionStore open() {
        return new TieredSessionStore(
                (SessionCache) memcached.direct(), (DurableSessionStore) database.open("coatcheck.timeout=10s"));
    }

    @Override
    SessionStore openSecond() {
        return open();
    }

    @Override
    void stopServers() {
        memcached.stop();
    }
}
