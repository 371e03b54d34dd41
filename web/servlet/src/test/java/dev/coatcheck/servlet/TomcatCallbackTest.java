package dev.coatcheck.servlet;

class TomcatCallbackTest extends CallbackContract {
    TomcatCallbackTest() {
        super(new Tomcat());
    }
}
