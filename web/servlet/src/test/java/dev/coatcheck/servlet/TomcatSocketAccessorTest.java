package dev.coatcheck.servlet;

class TomcatSocketAccessorTest extends SocketAccessorContract {
    TomcatSocketAccessorTest() {
        super(new Tomcat());
    }
}
