package dev.coatcheck.servlet;

class JettySocketAccessorTest extends SocketAccessorContract {
    JettySocketAccessorTest() {
        super(new Jetty());
    }
}
