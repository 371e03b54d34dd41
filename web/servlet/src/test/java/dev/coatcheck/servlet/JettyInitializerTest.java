package dev.coatcheck.servlet;

class JettyInitializerTest extends InitializerContract {
    JettyInitializerTest() {
        super(new Jetty());
    }
}
