/** Coatcheck sessions for the JDK's own HTTP server: one filter. */
module dev.coatcheck.httpserver {
    requires transitive dev.coatcheck;
    requires transitive jdk.httpserver;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.coatcheck.httpserver;
}
