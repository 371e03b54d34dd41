package dev.coatcheck.servlet;

class TomcatAccessorTest extends AccessorContract {
    TomcatAccessorTest() {
        super(new Tomcat());
    }
}
