package dev.coatcheck.servlet;

class TomcatConnectionTest extends ConnectionContract {
    TomcatConnectionTest() {
        super(new Tomcat());
    }
}
