package dev.coatcheck.servlet;

class UndertowHttpSessionTest extends HttpSessionContract {
    UndertowHttpSessionTest() {
        super(new Undertow());
    }
}
