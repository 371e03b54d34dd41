package dev.coatcheck.servlet;

class UndertowListenerTest extends ListenerContract {
    UndertowListenerTest() {
        super(new Undertow());
    }
}
