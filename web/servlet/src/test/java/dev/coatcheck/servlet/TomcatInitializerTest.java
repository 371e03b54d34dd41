package dev.coatcheck.servlet;

class TomcatInitializerTest extends InitializerContract {
    TomcatInitializerTest() {
        super(new Tomcat());
    }
}
