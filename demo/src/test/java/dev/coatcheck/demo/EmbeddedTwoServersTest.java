package dev.coatcheck.demo;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.SessionStore;

class EmbeddedTwoServersTest extends TwoServersCases {
    private final EmbeddedSessionStore store = new EmbeddedSessionStore();

    @Override
    SessionStore open() {
        return store;
    }
}
