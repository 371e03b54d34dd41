package dev.coatcheck.acceptance;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.SessionStore;
import dev.coatcheck.test.CountingStore;

/** The costs on the embedded store, counted in front of it. */
class EmbeddedCostTest extends CostCases {
    private CountingStore counting;

    @Override
    SessionStore open() {
        counting = new CountingStore(new EmbeddedSessionStore(EmbeddedSessionStore.DEFAULT_MAX_BYTES, clock));
        return counting;
    }

    @Override
    int commands(Runnable work) {
        return (int) counting.during(work).total();
    }
}
