package dev.coatcheck.servlet;

class JettyWarTest extends WarContract {
    JettyWarTest() {
        super(new Jetty());
    }
}
