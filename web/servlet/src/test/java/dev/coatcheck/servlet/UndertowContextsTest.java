package dev.coatcheck.servlet;

class UndertowContextsTest extends ContextsContract {
    UndertowContextsTest() {
        super(new Undertow());
    }
}
