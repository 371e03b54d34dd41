package dev.coatcheck.servlet;

class UndertowFilterStartTest extends FilterStartContract {
    UndertowFilterStartTest() {
        super(new Undertow());
    }
}
