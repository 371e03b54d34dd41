package dev.coatcheck.servlet;

class UndertowWriterTest extends FilterContract {
    UndertowWriterTest() {
        super(new Undertow(), true);
    }
}
