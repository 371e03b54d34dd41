package dev.coatcheck.store.jdbc;

import dev.coatcheck.SessionStore;
import dev.coatcheck.test.SessionStoreContract;
import java.time.Duration;

/** The contract on a real database, each of two application nodes with connections of its own. */
abstract class DatabaseContract extends SessionStoreContract {
    private final TestDatabase database;

    DatabaseContract(TestDatabase database) {
        this.database = database;
    }

    @Override
    protected SessionStore open() {
        return database.open("coatcheck.timeout=20s", "coatcheck.table=contract");
    }

    @Override
    protected SessionStore openSecond(SessionStore first) {
        return open();
    }

    /** All times are the database's, in its rows. */
    @Override
    protected void pass(Duration time) {
        database.age("contract", time);
    }

    /** A use within a second of the last one is not written down, so rows live a second longer. */
    @Override
    protected Duration tolerance() {
        return Duration.ofSeconds(1);
    }

    @Override
    protected int rounds() {
        return 20;
    }
}
