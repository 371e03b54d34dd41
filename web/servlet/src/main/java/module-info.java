/** Coatcheck sessions in a Jakarta Servlet container: one filter. */
module dev.coatcheck.servlet {
    requires transitive dev.coatcheck;
    requires transitive jakarta.servlet;
    requires static transitive org.jspecify;

    exports dev.coatcheck.servlet;
}
