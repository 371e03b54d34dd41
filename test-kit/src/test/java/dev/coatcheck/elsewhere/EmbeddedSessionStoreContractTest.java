package dev.coatcheck.elsewhere;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.SessionStore;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.SessionStoreContract;
import java.time.Duration;
import java.time.Instant;

/** In a package of its own, as the test of any other store is. */
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
