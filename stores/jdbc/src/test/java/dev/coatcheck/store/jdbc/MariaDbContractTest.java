package dev.coatcheck.store.jdbc;

class MariaDbContractTest extends DatabaseContract {
    MariaDbContractTest() {
        super(TestDatabase.MARIADB);
    }
}
