package dev.coatcheck.servlet;

class JettyEe10FilterStartTest extends FilterStartContract {
    JettyEe10FilterStartTest() {
        super(new JettyEe10());
    }
}
