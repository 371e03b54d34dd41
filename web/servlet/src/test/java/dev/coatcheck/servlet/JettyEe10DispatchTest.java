package dev.coatcheck.servlet;

class JettyEe10DispatchTest extends DispatchContract {
    JettyEe10DispatchTest() {
        super(new JettyEe10());
    }
}
