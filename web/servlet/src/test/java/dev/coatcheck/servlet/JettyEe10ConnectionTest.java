package dev.coatcheck.servlet;

class JettyEe10ConnectionTest extends ConnectionContract {
    JettyEe10ConnectionTest() {
        super(new JettyEe10());
    }
}
