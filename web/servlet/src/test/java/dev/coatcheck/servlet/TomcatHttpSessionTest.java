package dev.coatcheck.servlet;

class TomcatHttpSessionTest extends HttpSessionContract {
    TomcatHttpSessionTest() {
        super(new Tomcat());
    }
}
