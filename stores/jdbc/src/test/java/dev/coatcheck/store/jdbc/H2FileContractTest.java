package dev.coatcheck.store.jdbc;

class H2FileContractTest extends DatabaseContract {
    H2FileContractTest() {
        super(TestDatabase.H2_FILE);
    }
}
