package dev.coatcheck.servlet;

class JettyEe10SessionRulesTest extends SessionRulesContract {
    JettyEe10SessionRulesTest() {
        super(new JettyEe10());
    }
}
