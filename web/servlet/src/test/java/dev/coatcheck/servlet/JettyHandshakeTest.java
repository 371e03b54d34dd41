package dev.coatcheck.servlet;

class JettyHandshakeTest extends HandshakeContract {
    JettyHandshakeTest() {
        super(new Jetty());
    }
}
