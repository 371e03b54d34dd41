package dev.coatcheck.servlet;

class UndertowDispatchTest extends DispatchContract {
    UndertowDispatchTest() {
        super(new Undertow());
    }
}
