package dev.coatcheck.servlet;

class JettyDispatchTest extends DispatchContract {
    JettyDispatchTest() {
        super(new Jetty());
    }
}
