package dev.coatcheck.acceptance;

import dev.coatcheck.SessionStore;
import dev.coatcheck.store.appengine.LocalServices;

/** What requests cost on App Engine's memcache alone, counted in calls of the service: as many as on memcached, while no lease is due to be renewed. */
class AppEngineCostTest extends CostCases {
    private final LocalServices services = LocalServices.start(clock);

    @Override
    SessionStore open() {
        return services.memcache();
    }

    @Override
    int commands(Runnable work) {
        return services.count(work);
    }

    @Override
    void stopServers() {
        services.close();
    }
}
