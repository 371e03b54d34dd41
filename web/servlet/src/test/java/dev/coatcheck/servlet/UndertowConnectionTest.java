package dev.coatcheck.servlet;

class UndertowConnectionTest extends ConnectionContract {
    UndertowConnectionTest() {
        super(new Undertow());
    }
}
