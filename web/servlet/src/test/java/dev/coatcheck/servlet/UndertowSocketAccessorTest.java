package dev.coatcheck.servlet;

class UndertowSocketAccessorTest extends SocketAccessorContract {
    UndertowSocketAccessorTest() {
        super(new Undertow());
    }
}
