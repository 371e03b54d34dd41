package dev.coatcheck.servlet;

class JettyFilterStartTest extends FilterStartContract {
    JettyFilterStartTest() {
        super(new Jetty());
    }
}
