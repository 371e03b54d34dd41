package dev.coatcheck.servlet;

class JettyConnectionTest extends ConnectionContract {
    JettyConnectionTest() {
        super(new Jetty());
    }
}
