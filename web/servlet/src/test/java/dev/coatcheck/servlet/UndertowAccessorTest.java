package dev.coatcheck.servlet;

class UndertowAccessorTest extends AccessorContract {
    UndertowAccessorTest() {
        super(new Undertow());
    }
}
