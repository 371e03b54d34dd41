package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.DurableSessionStore;
import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionCache;
import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.StoreHealth;
import dev.coatcheck.StoreHealth.State;
import dev.coatcheck.StoreHealth.Trouble;
import dev.coatcheck.TieredSessionStore;
import dev.coatcheck.test.PostgresServer;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** The health that a manager tells, of real stores in trouble. */
class StoreHealthTest {
    private static final SessionKey<Integer> NUMBER = SessionKey.of("number", Integer.class);
    private static final SessionKey<byte[]> LOAD = SessionKey.of("load", byte[].class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final List<SessionEvent> events = new CopyOnWriteArrayList<>();

    private SessionManager manager(SessionStore store) {
        return SessionManager.builder()
                .store(store)
                .keyRing(KeyRing.parse(KeyRing.generate()))
                .listener(events::add)
                .build();
    }

    private List<TestBrowser> sessions(SessionManager manager, int count) {
        List<TestBrowser> browsers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = i;
            browsers.add(TestBrowser.withSession(manager, session -> {
                session.set(NUMBER, number);
                session.set(LOAD, new byte[10_000]);
            }));
        }
        return browsers;
    }

    /** @return how many were found; each with its own data */
    private static long served(List<TestBrowser> browsers) {
        long there = 0;
        for (int i = 0; i < browsers.size(); i++) {
            Integer number = browsers.get(i).<Integer>request(session -> session.get(NUMBER));
            if (number != null) {
                there++;
                assertThat(number).isEqualTo(i);
            }
        }
        return there;
    }

    private static void awaitTrouble(SessionManager manager, Trouble trouble) {
        await().atMost(PATIENCE).until(() -> manager.health().has(trouble));
    }

    @Test
    void evictedSessionsRaiseTheAlarmAndNoWrongDataIsServed() {
        OneMemcached memcached = new OneMemcached("-m", "8");
        try (SessionStore store = memcached.direct();
                SessionManager manager = manager(store)) {
            assertThat(manager.health().state()).isEqualTo(State.UP);
            List<TestBrowser> browsers = sessions(manager, 1_500);
            awaitTrouble(manager, Trouble.EVICTS);
            assertThat(manager.health().state()).isEqualTo(State.DEGRADED);
            assertThat(events).extracting(SessionEvent::kind).contains(Kind.EVICTED);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(
                                    manager.health().parts().get(0).figures())
                            .containsEntry(
                                    StoreHealth.EVICTIONS,
                                    Long.parseLong(memcached.server.stats().get("evictions"))));
            assertThat(served(browsers)).isBetween(1L, 1_400L);
            assertThat(manager.stats().corrupt()).isZero();
        } finally {
            memcached.stop();
        }
    }

    @Test
    void aCacheThatEvictsInFrontOfADatabaseLosesNothingAndIsUp() {
        OneMemcached memcached = new OneMemcached("-m", "8");
        OneDatabase database = new OneDatabase();
        SessionStore cache = memcached.direct();
        try (SessionStore store = new TieredSessionStore(
                        (SessionCache) cache, (DurableSessionStore) database.open("coatcheck.timeout=5s"));
                SessionManager manager = manager(store)) {
            List<TestBrowser> browsers = sessions(manager, 1_000);
            StoreHealth health = store.health();
            assertThat(health.state()).isEqualTo(State.UP);
            assertThat(health.parts()).extracting(StoreHealth.Part::name).containsExactly("memcached mc1", "database");
            assertThat(health.parts().get(0).figures().get(StoreHealth.EVICTIONS))
                    .isPositive();
            assertThat(health.parts().get(0).reason()).contains("no session is lost");
            assertThat(served(browsers)).isEqualTo(1_000);
            assertThat(events).extracting(SessionEvent::kind).doesNotContain(Kind.EVICTED);
        } finally {
            memcached.stop();
        }
    }

    @Test
    void aDatabaseThatTakesNoWritesIsShownWithinTenSecondsWithoutTraffic() {
        try (PostgresServer server = PostgresServer.start();
                SessionStore store = new OneDatabase(server).open("coatcheck.timeout=5s");
                SessionManager manager = manager(store)) {
            assertThat(manager.health().state()).isEqualTo(State.UP);
            server.execute("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()");
            awaitTrouble(manager, Trouble.REFUSES_WRITES);
            assertThat(manager.health().state()).isEqualTo(State.DEGRADED);
            server.kill();
            await().atMost(PATIENCE).until(() -> manager.health().state() == State.DOWN);
        }
    }

    @Test
    void eitherTierAwayIsDegradedAndBothAreDown() {
        OneMemcached memcached = new OneMemcached();
        try (PostgresServer server = PostgresServer.start();
                SessionStore store = TieredSessionStore.writeBehind(
                        (SessionCache) memcached.direct(),
                        (DurableSessionStore) new OneDatabase(server).open("coatcheck.timeout=2s"),
                        Duration.ofMinutes(1),
                        100);
                SessionManager manager = manager(store)) {
            TestBrowser browser = TestBrowser.withSession(manager, session -> session.set(NUMBER, 1));
            browser.visit(session -> session.set(NUMBER, 2));
            assertThat(store.health().parts().get(1).figures())
                    .as("the change waits for the database")
                    .containsEntry("waiting", 1L);
            memcached.server.kill();
            StoreHealth health = store.health();
            assertThat(health.state()).isEqualTo(State.DEGRADED);
            assertThat(health.parts().get(0).state()).isEqualTo(State.DOWN);
            assertThat(health.parts().get(1).state()).isEqualTo(State.UP);
            server.kill();
            assertThat(store.health().state()).isEqualTo(State.DOWN);
            await().atMost(PATIENCE).until(() -> manager.health().state() == State.DOWN);
        } finally {
            memcached.stop();
        }
    }
}
