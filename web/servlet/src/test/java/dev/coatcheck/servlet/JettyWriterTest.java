package dev.coatcheck.servlet;

class JettyWriterTest extends FilterContract {
    JettyWriterTest() {
        super(new Jetty(), true);
    }
}
