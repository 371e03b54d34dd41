package dev.coatcheck.servlet;

class TomcatListenerTest extends ListenerContract {
    TomcatListenerTest() {
        super(new Tomcat());
    }
}
