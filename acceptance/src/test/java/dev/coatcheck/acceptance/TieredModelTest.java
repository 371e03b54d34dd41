package dev.coatcheck.acceptance;

import dev.coatcheck.DurableSessionStore;
import dev.coatcheck.SessionCache;
import dev.coatcheck.SessionStore;
import dev.coatcheck.TieredSessionStore;
import dev.coatcheck.test.SessionModel;
import org.junit.jupiter.api.Test;

/** The model test on two tiers, as {@link MemcachedModelTest} is on one. */
class TieredModelTest {
    private static final int STEPS = Integer.getInteger("coatcheck.tieredModelSteps", 20_000);

    private final OneMemcached memcached = new OneMemcached();
    private final OneDatabase database = new OneDatabase();

    private SessionStore open() {
        return new TieredSessionStore(
                (SessionCache) memcached.direct(), (DurableSessionStore) database.open("coatcheck.timeout=10s"));
    }

    @Test
    void randomStepsThroughTwoNodesAreThoseOfTheModel() {
        try (SessionStore one = open();
                SessionStore two = open()) {
            new SessionModel(OneMemcached.clock(), one, two)
                    .withLeasesInRealTime()
                    .run(System.nanoTime(), STEPS); // a failure names the seed
        } finally {
            memcached.stop();
        }
    }
}
