package dev.coatcheck.servlet;

class TomcatStreamTest extends FilterContract {
    TomcatStreamTest() {
        super(new Tomcat(), false);
    }
}
