package dev.coatcheck.acceptance;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.SessionStore;

/** The races on the embedded store. */
class EmbeddedRaceTest extends RaceCases {
    @Override
    SessionStore open() {
        return new EmbeddedSessionStore(EmbeddedSessionStore.DEFAULT_MAX_BYTES, clock);
    }
}
