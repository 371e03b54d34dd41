package dev.coatcheck.servlet;

class JettyListenerTest extends ListenerContract {
    JettyListenerTest() {
        super(new Jetty());
    }
}
