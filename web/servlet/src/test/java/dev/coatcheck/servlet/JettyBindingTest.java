package dev.coatcheck.servlet;

class JettyBindingTest extends BindingContract {
    JettyBindingTest() {
        super(new Jetty());
    }
}
