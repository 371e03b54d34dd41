package dev.coatcheck.acceptance;

import dev.coatcheck.SessionStore;
import dev.coatcheck.store.appengine.LocalServices;

/** The races on Google's local memcache in front of its Datastore, through two nodes with stores of their own. */
class AppEngineRaceTest extends RaceCases {
    private final LocalServices services = LocalServices.start(clock);

    @Override
    SessionStore open() {
        return open(services);
    }

    SessionStore open(LocalServices local) {
        return local.both();
    }

    @Override
    SessionStore openSecond() {
        return open();
    }

    /** A change is ten calls there, and as many again after each conflict. */
    @Override
    int writers() {
        return 4;
    }

    @Override
    void stopServers() {
        services.close();
    }
}
