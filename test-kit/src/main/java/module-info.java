/**
 * Help for tests: the contract of a store, a browser without HTTP, a clock to set, stores that fail on demand, a real
 * memcached, PostgreSQL and MariaDB, a proxy with faults, and what tells a list of memcacheds.
 */
module dev.coatcheck.test {
    requires transitive dev.coatcheck;
    requires transitive java.sql;
    requires transitive org.assertj.core;
    requires transitive org.junit.jupiter.api;
    requires static transitive org.jspecify;

    exports dev.coatcheck.test;

    opens dev.coatcheck.test to
            org.junit.platform.commons;
}
