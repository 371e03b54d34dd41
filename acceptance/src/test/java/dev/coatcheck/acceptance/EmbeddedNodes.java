package dev.coatcheck.acceptance;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.SessionStore;
import dev.coatcheck.test.CountingStore;
import dev.coatcheck.test.FaultyStore;

/** Two nodes over the embedded store, counted and breakable. */
abstract class EmbeddedNodes extends TwoNodes {
    CountingStore counting;
    FaultyStore faults;

    @Override
    final SessionStore open() {
        faults = new FaultyStore(new EmbeddedSessionStore(EmbeddedSessionStore.DEFAULT_MAX_BYTES, clock));
        counting = new CountingStore(faults).keepValues();
        return counting;
    }

    /** What a task costs the store. */
    int cost(Runnable task) {
        return (int) counting.during(task).total();
    }
}
