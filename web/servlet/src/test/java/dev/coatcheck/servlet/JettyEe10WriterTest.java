package dev.coatcheck.servlet;

class JettyEe10WriterTest extends FilterContract {
    JettyEe10WriterTest() {
        super(new JettyEe10(), true);
    }
}
