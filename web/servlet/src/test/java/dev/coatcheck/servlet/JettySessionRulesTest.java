package dev.coatcheck.servlet;

class JettySessionRulesTest extends SessionRulesContract {
    JettySessionRulesTest() {
        super(new Jetty());
    }
}
