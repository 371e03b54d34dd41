package dev.coatcheck.servlet;

class TomcatContextsTest extends ContextsContract {
    TomcatContextsTest() {
        super(new Tomcat());
    }
}
