/** Coatcheck sessions in a Jakarta Servlet container: one filter, which registers itself where a store is named. */
module dev.coatcheck.servlet {
    requires transitive dev.coatcheck;
    requires transitive jakarta.servlet;
    requires static transitive org.jspecify;

    exports dev.coatcheck.servlet;

    provides jakarta.servlet.ServletContainerInitializer with
            dev.coatcheck.servlet.SessionInitializer;
}
