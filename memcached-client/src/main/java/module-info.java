/** A small, strict client for memcached's meta protocol. */
module dev.coatcheck.memcached {
    requires jdk.net;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.coatcheck.memcached;
}
