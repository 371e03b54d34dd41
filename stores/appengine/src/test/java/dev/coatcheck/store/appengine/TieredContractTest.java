package dev.coatcheck.store.appengine;

import dev.coatcheck.SessionStore;
import java.time.Duration;

class TieredContractTest extends ServiceContract {
    @Override
    SessionStore open(LocalServices local) {
        return local.both();
    }

    /** Of a lease of 4 seconds a row behind a cache is asked for 7, and lives a quarter longer. */
    @Override
    protected Duration tolerance() {
        return Duration.ofSeconds(5);
    }
}
