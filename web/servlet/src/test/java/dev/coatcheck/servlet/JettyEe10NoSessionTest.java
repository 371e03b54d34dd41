package dev.coatcheck.servlet;

class JettyEe10NoSessionTest extends NoSessionContract {
    JettyEe10NoSessionTest() {
        super(new JettyEe10());
    }
}
