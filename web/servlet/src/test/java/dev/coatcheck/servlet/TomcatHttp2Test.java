package dev.coatcheck.servlet;

class TomcatHttp2Test extends Http2Contract {
    TomcatHttp2Test() {
        super(new Tomcat());
    }
}
