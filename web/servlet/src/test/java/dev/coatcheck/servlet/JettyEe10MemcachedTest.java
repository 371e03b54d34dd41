package dev.coatcheck.servlet;

class JettyEe10MemcachedTest extends MemcachedFilterContract {
    JettyEe10MemcachedTest() {
        super(new JettyEe10());
    }
}
