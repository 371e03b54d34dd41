package dev.coatcheck.servlet;

class UndertowInitializerTest extends InitializerContract {
    UndertowInitializerTest() {
        super(new Undertow());
    }
}
