package dev.coatcheck.servlet;

class JettyEe10Http2Test extends Http2Contract {
    JettyEe10Http2Test() {
        super(new JettyEe10());
    }
}
