package dev.coatcheck.servlet;

class JettyCallbackTest extends CallbackContract {
    JettyCallbackTest() {
        super(new Jetty());
    }
}
