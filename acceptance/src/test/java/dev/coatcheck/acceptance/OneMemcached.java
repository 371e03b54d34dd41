package dev.coatcheck.acceptance;

import dev.coatcheck.SessionStore;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.FaultProxy;
import dev.coatcheck.test.MemcachedServer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** A real memcached, with a proxy in front of it for each of two application nodes. */
final class OneMemcached {
    final MemcachedServer server;
    final FaultProxy wireOne;
    final FaultProxy wireTwo;
    private final String options;

    OneMemcached(String... serverOptions) {
        this(serverOptions, "timeout=5s"); // this machine may be busy
    }

    /** @param options of the stores' URLs */
    OneMemcached(String[] serverOptions, String options) {
        server = MemcachedServer.start(serverOptions);
        wireOne = FaultProxy.before(server);
        wireTwo = FaultProxy.before(server);
        this.options = options;
    }

    /** A clock that starts at the present, to which the stores compare the ends of old ids. */
    static FakeClock clock() {
        return new FakeClock(Instant.now().truncatedTo(ChronoUnit.SECONDS));
    }

    /** A store without a proxy in between. */
    SessionStore direct() {
        return open(server.address());
    }

    SessionStore one() {
        return open(wireOne.address());
    }

    SessionStore two() {
        return open(wireTwo.address());
    }

    private SessionStore open(String node) {
        // Both proxies lead to one server: it has one name.
        return SessionStore.open("memcached://mc1=" + node + "?" + options);
    }

    void stop() {
        wireOne.close();
        wireTwo.close();
        server.close();
    }
}
