package dev.coatcheck.servlet;

class JettyEe10ContextsTest extends ContextsContract {
    JettyEe10ContextsTest() {
        super(new JettyEe10());
    }
}
