package dev.coatcheck.test;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.SessionStore;
import java.time.Duration;
import java.time.Instant;

class EmbeddedSessionStoreContractTest extends SessionStoreContract {
    private final FakeClock clock = new FakeClock();

    @Override
    protected SessionStore open() {
        return new EmbeddedSessionStore(EmbeddedSessionStore.DEFAULT_MAX_BYTES, clock);
    }

    @Override
    protected Instant now() {
        return clock.instant();
    }

    @Override
    protected void pass(Duration time) {
        clock.advance(time);
    }

    @Override
    protected Duration tolerance() {
        return Duration.ZERO;
    }
}
