package dev.coatcheck.servlet;

class UndertowCallbackTest extends CallbackContract {
    UndertowCallbackTest() {
        super(new Undertow());
    }
}
