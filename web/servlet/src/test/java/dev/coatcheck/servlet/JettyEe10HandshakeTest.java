package dev.coatcheck.servlet;

class JettyEe10HandshakeTest extends HandshakeContract {
    JettyEe10HandshakeTest() {
        super(new JettyEe10());
    }
}
