package dev.coatcheck.servlet;

class JettyHttpSessionTest extends HttpSessionContract {
    JettyHttpSessionTest() {
        super(new Jetty());
    }
}
