package dev.coatcheck.servlet;

class UndertowNoSessionTest extends NoSessionContract {
    UndertowNoSessionTest() {
        super(new Undertow());
    }
}
