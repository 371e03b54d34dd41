package dev.coatcheck.store.jdbc;

class PostgresContractTest extends DatabaseContract {
    PostgresContractTest() {
        super(TestDatabase.POSTGRESQL);
    }
}
