package dev.coatcheck.servlet;

class JettyNoSessionTest extends NoSessionContract {
    JettyNoSessionTest() {
        super(new Jetty());
    }
}
