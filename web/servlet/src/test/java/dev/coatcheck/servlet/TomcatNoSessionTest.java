package dev.coatcheck.servlet;

class TomcatNoSessionTest extends NoSessionContract {
    TomcatNoSessionTest() {
        super(new Tomcat());
    }
}
