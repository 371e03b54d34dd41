package dev.coatcheck.servlet;

class UndertowBindingTest extends BindingContract {
    UndertowBindingTest() {
        super(new Undertow());
    }
}
