package dev.coatcheck.acceptance;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.SessionModel;
import org.junit.jupiter.api.Test;

/** A million random steps of several browsers through two nodes, beside a model of plain maps. */
class ModelTest {
    private static final int STEPS = 1_000_000;

    @Test
    void aMillionStepsOnTheEmbeddedStoreAreThoseOfTheModel() {
        FakeClock clock = new FakeClock();
        try (EmbeddedSessionStore store = new EmbeddedSessionStore(EmbeddedSessionStore.DEFAULT_MAX_BYTES, clock)) {
            new SessionModel(clock, store, store).run(System.nanoTime(), STEPS); // a failure names the seed
        }
    }
}
