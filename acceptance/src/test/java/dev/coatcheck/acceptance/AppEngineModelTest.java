package dev.coatcheck.acceptance;

import dev.coatcheck.SessionStore;
import dev.coatcheck.store.appengine.LocalServices;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.SessionModel;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The model test on Google's local services, as {@link MemcachedModelTest} is on memcached. Their clock stands still: they count leases coarsely. */
class AppEngineModelTest {
    private static final int STEPS = Integer.getInteger("coatcheck.appEngineModelSteps", 6_000);

    private static void run(Function<LocalServices, SessionStore> opening) {
        try (LocalServices services = LocalServices.start(new FakeClock());
                SessionStore one = opening.apply(services);
                SessionStore two = opening.apply(services)) {
            new SessionModel(new FakeClock(), one, two)
                    .withLeasesInRealTime()
                    .run(System.nanoTime(), STEPS); // a failure names the seed
        }
    }

    @Test
    void randomStepsOnMemcacheAreThoseOfTheModel() {
        run(LocalServices::memcache);
    }

    @Test
    void randomStepsOnDatastoreAreThoseOfTheModel() {
        run(LocalServices::datastore);
    }

    @Test
    void randomStepsOnBothAreThoseOfTheModel() {
        run(LocalServices::both);
    }
}
