package dev.coatcheck.store.appengine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.DurableSessionStore.Expired;
import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionCache;
import dev.coatcheck.SessionCache.Cached;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.TieredSessionStore;
import dev.coatcheck.test.SampleValue;
import dev.coatcheck.test.TestBrowser;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** How many calls of Google's services each call is, and each request. docs/appengine.md has these figures. */
class CostTest extends ServiceTest {
    private static final SessionKey<Integer> HITS = SessionKey.of("hits", Integer.class);
    private static final String READ_ROW = "datastore_v3.Get 1";
    private static final String CHANGE_ROW =
            "datastore_v3.BeginTransaction 1, datastore_v3.Commit 1, datastore_v3.Get 1, datastore_v3.Put 1";

    private void assertCalls(String expected, Runnable work) {
        assertThat(services.during(work)).isEqualTo(expected);
    }

    // Of a store.

    @Test
    void eachCallOfMemcacheIsAsManyAsIsSaid() {
        assertCalls("memcache.Get 1", () -> memcache.load(key, LEASE));
        assertCalls("memcache.Set 1", () -> create(memcache));
        Version unseen =
                stored(memcache.replace(key, SampleValue.live(2), load(memcache).version(), LEASE));
        assertCalls("memcache.Get 1, memcache.Set 1", () -> memcache.replace(key, SampleValue.live(3), unseen, LEASE));
        Version seen = load(memcache).version();
        assertCalls("memcache.Set 1", () -> memcache.renew(key, seen, LEASE));
        assertCalls("memcache.Get 1, memcache.Set 2", () -> memcache.replace(key, SampleValue.live(4), seen, LEASE));
        assertCalls("memcache.Get 1, memcache.Set 1", () -> memcache.replace(key, SampleValue.live(4), seen, LEASE));
        Version last = load(memcache).version();
        assertCalls("memcache.Set 1", () -> memcache.end(key, last, later()));
        assertCalls("memcache.Delete 1", () -> memcache.end(key, later()));
        assertCalls("memcache.Set 1", () -> memcache.bury(key, later()));
        assertCalls("memcache.Get 1", () -> memcache.see(key, LEASE));
        SessionStore.Key other = SampleValue.key();
        Cached.Claimed[] claim = new Cached.Claimed[1];
        assertCalls("memcache.Get 1, memcache.Set 1", () -> claim[0] = (Cached.Claimed) memcache.claim(other, LEASE));
        assertCalls(
                "memcache.Get 1, memcache.Set 1",
                () -> memcache.replace(other, SampleValue.live(1), claim[0].claim(), LEASE));
        assertCalls("memcache.Get 1", () -> memcache.claim(other, LEASE));
        assertCalls("memcache.Stats 1", memcache::health);
    }

    @Test
    void eachCallOfDatastoreIsAsManyAsIsSaid() {
        assertCalls(READ_ROW, () -> datastore.load(key, LEASE));
        assertCalls(CHANGE_ROW, () -> create(datastore));
        Version first = load(datastore).version();
        assertCalls(CHANGE_ROW, () -> datastore.replace(key, SampleValue.live(2), first, LEASE));
        assertCalls(
                "datastore_v3.BeginTransaction 1, datastore_v3.Get 1, datastore_v3.Rollback 1",
                () -> datastore.replace(key, SampleValue.live(2), first, LEASE));
        Version second = load(datastore).version();
        assertCalls(CHANGE_ROW, () -> datastore.renew(key, second, LEASE));
        assertCalls(
                "datastore_v3.BeginTransaction 1, datastore_v3.Commit 1, datastore_v3.Delete 1, datastore_v3.Get 1",
                () -> datastore.end(key, second, later()));
        assertCalls("datastore_v3.Delete 1", () -> datastore.end(key, later()));
        assertCalls("datastore_v3.RunQuery 1", () -> datastore.expired(100));
        create(datastore);
        clock.advance(LEASE.multipliedBy(2));
        assertCalls(
                "datastore_v3.BeginTransaction 1, datastore_v3.Commit 1, datastore_v3.Delete 1, datastore_v3.Get 1",
                () -> datastore.sweep(new Expired(key, second)));
        assertCalls(READ_ROW, datastore::health);
    }

    // Of a request.

    private final KeyRing ring = KeyRing.parse(KeyRing.generate());

    private final class Site implements AutoCloseable {
        final SessionStore store;
        final SessionManager manager;
        final TestBrowser browser;

        Site(SessionStore store) {
            this.store = store;
            manager = SessionManager.builder()
                    .store(store)
                    .keyRing(ring)
                    .clock(clock)
                    .build();
            browser = new TestBrowser(manager, clock);
        }

        void assertCost(String expected, Consumer<Session> request) {
            assertThat(services.during(() -> browser.visit(request))).isEqualTo(expected);
        }

        @Override
        public void close() {
            manager.close();
            store.close();
        }
    }

    @Test
    void requestsOnMemcacheCostWhatIsSaid() {
        try (Site site = new Site(memcache)) {
            site.assertCost("none", session -> session.get(HITS));
            site.assertCost("memcache.Set 1", session -> session.set(HITS, 1));
            site.assertCost("none", session -> {});
            site.assertCost("memcache.Get 1", session -> session.get(HITS));
            site.assertCost("memcache.Get 1, memcache.Set 1", session -> session.set(HITS, 2));
            clock.advance(Duration.ofMinutes(6));
            site.assertCost("memcache.Get 1, memcache.Set 1", session -> session.get(HITS));
            site.assertCost("memcache.Get 1", session -> session.get(HITS));
            clock.advance(Duration.ofMinutes(6));
            site.assertCost("memcache.Get 1, memcache.Set 1", session -> session.set(HITS, 3));
            site.assertCost("memcache.Get 1, memcache.Set 2", Session::rotate);
            site.assertCost("memcache.Get 1, memcache.Set 1", Session::logout);
        }
    }

    @Test
    void requestsOnDatastoreCostWhatIsSaid() {
        try (Site site = new Site(datastore)) {
            site.assertCost("none", session -> session.get(HITS));
            site.assertCost(CHANGE_ROW, session -> session.set(HITS, 1));
            site.assertCost(READ_ROW, session -> session.get(HITS));
            String changed = CHANGE_ROW.replace("Get 1", "Get 2");
            site.assertCost(changed, session -> session.set(HITS, 2));
            clock.advance(Duration.ofMinutes(6));
            site.assertCost(changed, session -> session.get(HITS));
            site.assertCost(READ_ROW, session -> session.get(HITS));
        }
    }

    /** Both by the test's clock, on an instance that has looked at memcache for long and saw no call fail. */
    private SessionStore steadyBoth() {
        AppEngineSessionStore front = services.memcache();
        SessionCache steady = (SessionCache) Proxy.newProxyInstance(
                SessionCache.class.getClassLoader(),
                new Class<?>[] {SessionCache.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("steadyFor")) {
                        return Duration.ofDays(1);
                    }
                    try {
                        return method.invoke(front, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return new TieredSessionStore(steady, services.datastore(), clock);
    }

    @Test
    void requestsOnBothCostWhatIsSaid() {
        try (Site site = new Site(steadyBoth())) {
            site.assertCost("none", session -> session.get(HITS));
            site.assertCost(CHANGE_ROW + ", memcache.Set 1", session -> session.set(HITS, 1));
            site.assertCost("none", session -> {});
            site.assertCost("memcache.Get 1", session -> session.get(HITS));
            site.assertCost(CHANGE_ROW + ", memcache.Get 1, memcache.Set 1", session -> session.set(HITS, 2));
            others().clearAll();
            site.assertCost(READ_ROW + ", memcache.Get 2, memcache.Set 2", session -> session.get(HITS));
            site.assertCost("memcache.Get 1", session -> session.get(HITS));
            clock.advance(Duration.ofMinutes(4));
            site.assertCost("memcache.Get 1", session -> session.get(HITS));
            clock.advance(Duration.ofMinutes(2));
            site.assertCost(CHANGE_ROW + ", memcache.Get 1, memcache.Set 1", session -> session.get(HITS));
            site.assertCost("memcache.Get 1", session -> session.get(HITS));
        }
    }

    /** Nobody tells it what the others wrote, and an entity that is renewed once too often harms nobody. */
    @Test
    void anEntityIsRenewedByEachInstanceThatDidNotWriteItForAQuarterOfTheLease() {
        try (Site first = new Site(steadyBoth());
                Site second = new Site(steadyBoth())) {
            first.browser.visit(session -> session.set(HITS, 1));
            clock.advance(Duration.ofMinutes(4));
            first.browser.through(second.manager).visit(session -> session.set(HITS, 2));
            clock.advance(Duration.ofMinutes(2));
            first.assertCost(CHANGE_ROW + ", memcache.Get 1", session -> session.get(HITS));
            first.assertCost("memcache.Get 1", session -> session.get(HITS));
        }
    }

    /** It has not seen yet whether memcache ever failed, so it asks Datastore once, and renews the entity by the same. */
    @Test
    void aSessionThatIsNewToAnInstanceCostsThatInstanceOneChangeOfItsEntity() {
        try (Site first = new Site(services.both());
                Site second = new Site(services.both())) {
            first.browser.visit(session -> session.set(HITS, 1));
            TestBrowser there = first.browser.through(second.manager);
            assertThat(services.during(() -> there.visit(session -> session.get(HITS))))
                    .isEqualTo(CHANGE_ROW + ", memcache.Get 1");
            assertThat(services.during(() -> there.visit(session -> session.get(HITS))))
                    .isEqualTo("memcache.Get 1");
        }
    }
}
