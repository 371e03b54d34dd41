package dev.coatcheck.servlet;

class JettyEe10BindingTest extends BindingContract {
    JettyEe10BindingTest() {
        super(new JettyEe10());
    }
}
