package dev.coatcheck.servlet;

class TomcatFilterStartTest extends FilterStartContract {
    TomcatFilterStartTest() {
        super(new Tomcat());
    }
}
