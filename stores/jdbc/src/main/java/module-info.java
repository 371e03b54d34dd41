/** Sessions kept in a database. */
module dev.coatcheck.store.jdbc {
    requires transitive dev.coatcheck;
    requires transitive java.sql;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.coatcheck.store.jdbc;

    uses java.sql.Driver;

    provides dev.coatcheck.SessionStoreProvider with
            dev.coatcheck.store.jdbc.JdbcSessionStore.Provider;
}
