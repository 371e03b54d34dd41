package dev.coatcheck.servlet;

class JettyHttp2Test extends Http2Contract {
    JettyHttp2Test() {
        super(new Jetty());
    }
}
