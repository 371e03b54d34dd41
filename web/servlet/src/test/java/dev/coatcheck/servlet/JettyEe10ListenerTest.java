package dev.coatcheck.servlet;

class JettyEe10ListenerTest extends ListenerContract {
    JettyEe10ListenerTest() {
        super(new JettyEe10());
    }
}
