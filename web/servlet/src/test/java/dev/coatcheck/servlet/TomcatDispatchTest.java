package dev.coatcheck.servlet;

class TomcatDispatchTest extends DispatchContract {
    TomcatDispatchTest() {
        super(new Tomcat());
    }
}
