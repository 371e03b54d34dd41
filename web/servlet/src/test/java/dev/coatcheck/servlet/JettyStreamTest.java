package dev.coatcheck.servlet;

class JettyStreamTest extends FilterContract {
    JettyStreamTest() {
        super(new Jetty(), false);
    }
}
