package dev.coatcheck.servlet;

class JettyMemcachedTest extends MemcachedFilterContract {
    JettyMemcachedTest() {
        super(new Jetty());
    }
}
