package dev.coatcheck.servlet;

class JettyEe10InitializerTest extends InitializerContract {
    JettyEe10InitializerTest() {
        super(new JettyEe10());
    }
}
