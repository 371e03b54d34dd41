package dev.coatcheck.servlet;

class JettyEe10WarTest extends WarContract {
    JettyEe10WarTest() {
        super(new JettyEe10());
    }
}
