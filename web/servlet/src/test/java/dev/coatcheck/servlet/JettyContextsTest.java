package dev.coatcheck.servlet;

class JettyContextsTest extends ContextsContract {
    JettyContextsTest() {
        super(new Jetty());
    }
}
