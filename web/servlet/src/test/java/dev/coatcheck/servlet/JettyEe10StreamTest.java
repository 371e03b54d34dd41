package dev.coatcheck.servlet;

class JettyEe10StreamTest extends FilterContract {
    JettyEe10StreamTest() {
        super(new JettyEe10(), false);
    }
}
