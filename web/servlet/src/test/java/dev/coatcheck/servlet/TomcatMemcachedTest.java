package dev.coatcheck.servlet;

class TomcatMemcachedTest extends MemcachedFilterContract {
    TomcatMemcachedTest() {
        super(new Tomcat());
    }
}
