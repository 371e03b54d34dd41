package dev.coatcheck.servlet;

class UndertowSessionRulesTest extends SessionRulesContract {
    UndertowSessionRulesTest() {
        super(new Undertow());
    }

    @Override
    boolean tellsWhereAnIdWas() {
        return false;
    }
}
