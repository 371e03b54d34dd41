package dev.coatcheck.acceptance;

import dev.coatcheck.SessionStore;
import dev.coatcheck.test.SessionModel;
import org.junit.jupiter.api.Test;

/** The model test with each session at two of three real memcacheds; as for one of them. */
class TwoCopiesModelTest {
    /** {@code -Dcoatcheck.modelSteps=1000000} for more. */
    private static final int STEPS = Integer.getInteger("coatcheck.modelSteps", 100_000);

    @Test
    void randomStepsThroughTwoNodesAreThoseOfTheModel() {
        ThreeMemcacheds memcached = new ThreeMemcacheds();
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
