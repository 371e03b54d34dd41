package dev.coatcheck.store.appengine;

import dev.coatcheck.SessionStore;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.SessionStoreContract;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;

/** The contract on Google's local services, whose clock is the test's. */
abstract class ServiceContract extends SessionStoreContract {
    final FakeClock clock = new FakeClock();
    private final LocalServices services = LocalServices.start(clock);

    abstract SessionStore open(LocalServices local);

    @AfterEach
    final void stopServices() {
        services.close();
    }

    @Override
    protected SessionStore open() {
        return open(services);
    }

    @Override
    protected SessionStore openSecond(SessionStore first) {
        return open();
    }

    @Override
    protected Instant now() {
        return clock.instant();
    }

    @Override
    protected void pass(Duration time) {
        clock.advance(time.isNegative() ? Duration.ZERO : time);
    }

    /** A value lives a quarter of its lease longer, and memcache counts whole seconds. */
    @Override
    protected Duration tolerance() {
        return Duration.ofSeconds(2);
    }

    @Override
    protected Duration unseen(Duration lease) {
        return lease.dividedBy(4);
    }

    @Override
    protected boolean loadsCutLeases() {
        return false;
    }

    @Override
    protected int rounds() {
        return 20;
    }
}
