package dev.coatcheck.servlet;

class UndertowMemcachedTest extends MemcachedFilterContract {
    UndertowMemcachedTest() {
        super(new Undertow());
    }
}
