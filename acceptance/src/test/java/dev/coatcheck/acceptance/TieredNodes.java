package dev.coatcheck.acceptance;

import dev.coatcheck.DurableSessionStore;
import dev.coatcheck.SessionCache;
import dev.coatcheck.SessionStore;
import dev.coatcheck.TieredSessionStore;

/** Two application nodes over a memcached, each through a wire of its own, and a PostgreSQL behind it. */
abstract class TieredNodes extends TwoNodes {
    final OneMemcached memcached;
    final OneDatabase database;

    TieredNodes() {
        this(new OneMemcached(), new OneDatabase());
    }

    TieredNodes(OneMemcached memcached, OneDatabase database) {
        super(OneMemcached.clock());
        this.memcached = memcached;
        this.database = database;
    }

    SessionStore tiered(SessionStore cache) {
        return new TieredSessionStore(
                (SessionCache) cache, (DurableSessionStore) database.open("coatcheck.timeout=5s"));
    }

    @Override
    SessionStore open() {
        return tiered(memcached.one());
    }

    @Override
    SessionStore openSecond() {
        return tiered(memcached.two());
    }

    @Override
    void stopServers() {
        memcached.stop();
    }
}
