package dev.coatcheck.servlet;

class UndertowHandshakeTest extends HandshakeContract {
    UndertowHandshakeTest() {
        super(new Undertow());
    }
}
