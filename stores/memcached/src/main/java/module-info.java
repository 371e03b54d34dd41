/** Sessions kept in memcached. */
module dev.coatcheck.store.memcached {
    requires transitive dev.coatcheck;
    requires transitive dev.coatcheck.memcached;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.coatcheck.store.memcached;

    provides dev.coatcheck.SessionStoreProvider with
            dev.coatcheck.store.memcached.MemcachedSessionStore.Provider;
}
