package dev.coatcheck.servlet;

class TomcatBindingTest extends BindingContract {
    TomcatBindingTest() {
        super(new Tomcat());
    }
}
