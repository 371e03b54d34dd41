package dev.coatcheck.servlet;

class JettyAccessorTest extends AccessorContract {
    JettyAccessorTest() {
        super(new Jetty());
    }
}
