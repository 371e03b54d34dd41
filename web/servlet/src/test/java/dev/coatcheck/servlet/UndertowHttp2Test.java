package dev.coatcheck.servlet;

class UndertowHttp2Test extends Http2Contract {
    UndertowHttp2Test() {
        super(new Undertow());
    }
}
