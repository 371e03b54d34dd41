package dev.coatcheck.servlet;

class JettyEe10CallbackTest extends CallbackContract {
    JettyEe10CallbackTest() {
        super(new JettyEe10());
    }
}
