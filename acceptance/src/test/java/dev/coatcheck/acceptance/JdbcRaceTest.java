package dev.coatcheck.acceptance;

import dev.coatcheck.SessionStore;

/** The races on a real PostgreSQL, through two nodes with connections of their own. */
class JdbcRaceTest extends RaceCases {
    private final OneDatabase database = new OneDatabase();

    JdbcRaceTest() {
        super(OneMemcached.clock());
    }

    @Override
    SessionStore open() {
        return database.open("coatcheck.timeout=10s");
    }

    @Override
    SessionStore openSecond() {
        return open();
    }
}
