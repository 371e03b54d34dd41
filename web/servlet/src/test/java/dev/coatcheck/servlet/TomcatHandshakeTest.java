package dev.coatcheck.servlet;

class TomcatHandshakeTest extends HandshakeContract {
    TomcatHandshakeTest() {
        super(new Tomcat());
    }
}
