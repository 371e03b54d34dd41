package dev.coatcheck.servlet;

class UndertowStreamTest extends FilterContract {
    UndertowStreamTest() {
        super(new Undertow(), false);
    }
}
