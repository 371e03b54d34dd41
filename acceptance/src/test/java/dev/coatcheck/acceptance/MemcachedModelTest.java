package dev.coatcheck.acceptance;

import dev.coatcheck.SessionStore;
import dev.coatcheck.test.SessionModel;
import org.junit.jupiter.api.Test;

/**
 * The model test on a real memcached. Its leases run in real time, of which next to none passes, so idle timeouts are left to
 * the store's own tests; all deadlines that a manager judges run by the model's clock.
 */
class MemcachedModelTest {
    /** A million take about a minute: {@code -Dcoatcheck.modelSteps=1000000}. */
    private static final int STEPS = Integer.getInteger("coatcheck.modelSteps", 300_000);

    @Test
    void randomStepsThroughTwoNodesAreThoseOfTheModel() {
        OneMemcached memcached = new OneMemcached("-m", "2048");
        try (SessionStore one = memcached.direct();
                SessionStore two = memcached.direct()) {
            new SessionModel(OneMemcached.clock(), one, two)
                    .withLeasesInRealTime()
                    .run(System.nanoTime(), STEPS); // a failure names the seed
        } finally {
            memcached.stop();
        }
    }
}
