package dev.coatcheck.servlet;

class TomcatSessionRulesTest extends SessionRulesContract {
    TomcatSessionRulesTest() {
        super(new Tomcat());
    }
}
