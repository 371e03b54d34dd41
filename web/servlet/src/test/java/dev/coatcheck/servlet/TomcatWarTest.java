package dev.coatcheck.servlet;

class TomcatWarTest extends WarContract {
    TomcatWarTest() {
        super(new Tomcat());
    }
}
