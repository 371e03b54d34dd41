package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.DurableSessionStore;
import dev.coatcheck.Session;
import dev.coatcheck.SessionCache;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.StoreFailurePolicy;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.TieredSessionStore;
import dev.coatcheck.test.PostgresServer;
import dev.coatcheck.test.TestBrowser;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A database that is killed, frozen, locked or refuses writes, behind a memcached: nothing acknowledged is lost. */
class DatabaseOutageTest extends TieredNodes {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);
    private static PostgresServer server;

    @BeforeAll
    static void startDatabase() {
        server = PostgresServer.start();
    }

    @AfterAll
    static void stopDatabase() {
        server.close();
    }

    DatabaseOutageTest() {
        super(new OneMemcached(), new OneDatabase(server));
    }

    @Override
    SessionStore tiered(SessionStore cache) {
        return new TieredSessionStore(
                (SessionCache) cache, (DurableSessionStore) database.open("coatcheck.timeout=2s"));
    }

    private TestBrowser signedIn() {
        return signedIn("alice");
    }

    private TestBrowser signedIn(String user) {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.login(user);
            session.set(X, 0);
        });
        return browser;
    }

    private static void add(Session session) {
        session.update(X, 0, n -> n + 1);
    }

    /** How many tries it took: those that failed may have happened all the same. */
    private static int awaitAdded(TestBrowser browser) {
        AtomicInteger tries = new AtomicInteger();
        await().atMost(Duration.ofSeconds(60))
                .ignoreException(SessionUnavailableException.class)
                .until(() -> {
                    tries.incrementAndGet();
                    browser.visit(DatabaseOutageTest::add);
                    return true;
                });
        return tries.get();
    }

    private static int x(TestBrowser browser) {
        return browser.<Integer>request(session -> session.get(X));
    }

    /** What is in the cache can be read; changes, new sessions and log-outs say that they failed. */
    private void isReadAndNotChanged(TestBrowser browser) {
        assertThat(x(browser)).isZero();
        assertThatThrownBy(() -> browser.visit(DatabaseOutageTest::add))
                .isInstanceOf(SessionUnavailableException.class);
        assertThatThrownBy(() -> browser().visit(session -> session.login("bob")))
                .isInstanceOf(SessionUnavailableException.class);
        TestBrowser leaving = browser.copyOfJar();
        assertThat(leaving.<Boolean>request(Session::logout)).isFalse();
        assertThat(kinds()).contains(Kind.UNCONFIRMED);
    }

    private void awaitSignedOut(TestBrowser browser) {
        await().atMost(Duration.ofSeconds(60)).until(() -> database.sessions() == 0);
        memcached.server.flush();
        clock.advance(Duration.ofSeconds(6));
        assertThat(browser.through(two).<String>request(Session::userId)).isNull();
        assertThat(browser.<String>request(Session::userId)).isNull();
    }

    @Test
    void aKilledDatabaseLosesNothingThatWasAcknowledged() throws Exception {
        List<TestBrowser> browsers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            browsers.add(signedIn());
        }
        AtomicBoolean stop = new AtomicBoolean();
        CountDownLatch failing = new CountDownLatch(browsers.size());
        ExecutorService threads = Executors.newFixedThreadPool(browsers.size());
        List<Future<int[]>> results = new ArrayList<>();
        try {
            for (int i = 0; i < browsers.size(); i++) {
                TestBrowser browser = browsers.get(i).through(i % 2 == 0 ? one : two);
                results.add(threads.submit(() -> {
                    int[] acknowledgedAndUnsure = new int[2];
                    boolean failed = false;
                    while (!stop.get()) {
                        try {
                            browser.visit(DatabaseOutageTest::add);
                            acknowledgedAndUnsure[0]++;
                        } catch (SessionUnavailableException e) {
                            acknowledgedAndUnsure[1]++;
                            if (!failed) {
                                failed = true;
                                failing.countDown();
                            }
                        }
                    }
                    return acknowledgedAndUnsure;
                }));
            }
            server.kill();
            failing.await();
            server.restart();
            int before = x(browsers.get(0));
            await().atMost(Duration.ofSeconds(60)).until(() -> x(browsers.get(0)) > before);
            stop.set(true);
            for (int i = 0; i < browsers.size(); i++) {
                int[] counts = results.get(i).get();
                assertThat(x(browsers.get(i))).isBetween(counts[0], counts[0] + counts[1]);
            }
        } finally {
            stop.set(true);
            threads.shutdownNow();
        }
        List<Integer> cached = browsers.stream().map(DatabaseOutageTest::x).toList();
        memcached.server.flush();
        assertThat(browsers.stream().map(DatabaseOutageTest::x).toList())
                .as("the database has it all")
                .isEqualTo(cached);
    }

    @Test
    void aFrozenDatabase() {
        TestBrowser browser = signedIn();
        server.freeze();
        try {
            isReadAndNotChanged(browser);
        } finally {
            server.thaw();
        }
        awaitSignedOut(browser);
    }

    @Test
    void aDatabaseThatIsDown() {
        TestBrowser browser = signedIn();
        server.kill();
        try {
            isReadAndNotChanged(browser);
        } finally {
            server.restart();
        }
        awaitSignedOut(browser);
    }

    /** As a full disk, or a replica that is asked by mistake. */
    @Test
    void aDatabaseThatTakesNoWrites() {
        TestBrowser browser = signedIn();
        readOnly("on");
        try {
            isReadAndNotChanged(browser);
        } finally {
            readOnly("off");
        }
        awaitSignedOut(browser);
    }

    private static void readOnly(String state) {
        server.execute(
                "SET default_transaction_read_only = off",
                "ALTER SYSTEM SET default_transaction_read_only = " + state,
                "SELECT pg_reload_conf()");
        await().until(() -> {
            try (Connection connection = server.connect();
                    Statement statement = connection.createStatement();
                    var row = statement.executeQuery("SHOW default_transaction_read_only")) {
                row.next();
                return row.getString(1).equals(state);
            }
        });
    }

    @Test
    void aRowThatSomebodyHasLockedHoldsUpItsOwnSessionAlone() throws Exception {
        TestBrowser browser = signedIn();
        try (Connection holding = server.connect();
                Statement statement = holding.createStatement()) {
            holding.setAutoCommit(false);
            statement.execute("SELECT * FROM " + database.table() + " FOR UPDATE");
            TestBrowser other = signedIn("bob");
            other.visit(DatabaseOutageTest::add);
            assertThat(x(other)).isEqualTo(1);
            assertThat(x(browser)).isZero();
            assertThatThrownBy(() -> browser.visit(DatabaseOutageTest::add))
                    .isInstanceOf(SessionUnavailableException.class);
            holding.rollback();
        }
        int tries = awaitAdded(browser);
        assertThat(x(browser.through(two))).isBetween(1, 1 + tries);
    }

    @Test
    void changesThatWaitForTheDatabaseGoOnWithoutIt() {
        AtomicInteger acknowledged = new AtomicInteger();
        SessionStore behind = TieredSessionStore.writeBehind(
                (SessionCache) memcached.direct(),
                (DurableSessionStore) database.open("coatcheck.timeout=2s"),
                Duration.ofMillis(200),
                100);
        TestBrowser browser = signedIn();
        try (SessionManager waiting = node().store(behind).build()) {
            assertThat(x(browser.through(waiting)))
                    .as("seen by the node before")
                    .isZero();
            server.kill();
            for (int i = 0; i < 10; i++) {
                browser.through(waiting).visit(DatabaseOutageTest::add);
                acknowledged.incrementAndGet();
            }
            server.restart();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> database.number("SELECT MAX(version) FROM $table") == 11);
            memcached.server.flush();
            assertThat(x(browser.through(two))).isEqualTo(10);
        } finally {
            server.restart();
            behind.close();
        }
        assertThat(acknowledged).hasValue(10);
    }

    @Test
    void degradedReadsAreAbsentWhereNeitherTierHasTheSession() {
        SessionKey<Integer> banned = SessionKey.of("banned", Integer.class).guarded();
        TestBrowser browser = signedIn();
        browser.visit(session -> session.set(banned, 1));
        String line = browser.cookieLine();
        try (SessionManager degrading =
                node().onStoreFailure(StoreFailurePolicy.DEGRADE).build()) {
            TestBrowser degraded = browser.through(degrading);
            server.kill();
            assertThat(x(degraded)).as("in the cache").isZero();
            memcached.server.flush();
            degraded.visit(session -> {
                assertThat(session.isAvailable()).isFalse();
                assertThat(session.userId()).isNull();
                assertThat(session.get(X)).isNull();
                for (Consumer<Session> decision : List.<Consumer<Session>>of(
                        it -> it.get(banned), DatabaseOutageTest::add, it -> it.set(X, 2), it -> it.login("bob"))) {
                    assertThatThrownBy(() -> decision.accept(session)).isInstanceOf(SessionUnavailableException.class);
                }
            });
            assertThat(degraded.lastResponse().setCookies()).isEmpty();
            assertThat(browser.cookieLine()).isEqualTo(line);
            server.restart();
            await().atMost(Duration.ofSeconds(60)).until(() -> degraded.<Boolean>request(Session::isAvailable));
            assertThat(degraded.<Integer>request(session -> session.get(banned)))
                    .isEqualTo(1);
        } finally {
            server.restart();
        }
    }

    @Test
    void whenAllConnectionsAreHeldUpReadsGoOnAndChangesFailInTime() throws Exception {
        TestBrowser first = signedIn();
        TestBrowser second = signedIn();
        TestBrowser third = signedIn();
        try (SessionStore two = new TieredSessionStore((SessionCache) memcached.direct(), (DurableSessionStore)
                        database.open("coatcheck.timeout=2s", "coatcheck.connections=2"));
                SessionManager node = node().store(two).build();
                Connection holding = server.connect();
                Statement statement = holding.createStatement()) {
            for (TestBrowser browser : List.of(first, second, third)) {
                assertThat(x(browser.through(node))).isZero();
            }
            holding.setAutoCommit(false);
            statement.execute("LOCK TABLE " + database.table() + " IN EXCLUSIVE MODE");
            ExecutorService threads = Executors.newFixedThreadPool(8);
            try {
                List<Future<Throwable>> changes = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    TestBrowser browser = List.of(first, second).get(i % 2).through(node);
                    changes.add(threads.submit(() -> catchThrowable(() -> browser.visit(DatabaseOutageTest::add))));
                }
                for (int i = 0; i < 100; i++) {
                    assertThat(x(third.through(node))).isZero();
                }
                for (Future<Throwable> change : changes) {
                    assertThat(change.get(60, TimeUnit.SECONDS)).isInstanceOf(SessionUnavailableException.class);
                }
            } finally {
                threads.shutdownNow();
                holding.rollback();
            }
            awaitAdded(third.through(node));
        }
        assertThat(x(third)).isGreaterThanOrEqualTo(1);
    }

    @Test
    void aSweepThatTheDatabaseRefusesStopsNoReads() {
        TestBrowser browser = signedIn();
        database.execute("UPDATE $table SET expires_at = 0 WHERE " + OneDatabase.NO_LIST);
        memcached.server.flush(); // none of them is in use
        TestBrowser other = signedIn();
        readOnly("on");
        try {
            assertThat(store.sweep(10)).isEmpty();
            assertThat(x(other)).isZero();
        } finally {
            readOnly("off");
        }
        assertThat(store.sweep(10)).isNotEmpty();
        assertThat(browser.<String>request(Session::userId)).isNull();
    }

    @Test
    void whereNoMoreChangesMayWaitAndTheDatabaseIsDownChangesFailAndLogOutsAreFinal() {
        SessionStore behind = TieredSessionStore.writeBehind(
                (SessionCache) memcached.direct(),
                (DurableSessionStore) database.open("coatcheck.timeout=2s"),
                Duration.ofMillis(200),
                1);
        TestBrowser waits = signedIn();
        TestBrowser finds = signedIn();
        TestBrowser thief = waits.copyOfJar();
        try (SessionManager waiting = node().store(behind).build()) {
            assertThat(x(waits.through(waiting))).isZero();
            assertThat(x(finds.through(waiting))).isZero();
            server.kill();
            waits.through(waiting).visit(DatabaseOutageTest::add);
            assertThatThrownBy(() -> finds.through(waiting).visit(DatabaseOutageTest::add))
                    .as("there is room for one session's change")
                    .isInstanceOf(SessionUnavailableException.class);
            assertThat(waits.through(waiting).<Boolean>request(Session::logout)).isFalse();
            assertThat(thief.through(waiting).<String>request(Session::userId)).isNull();
            server.restart();
            await().atMost(Duration.ofSeconds(60)).until(() -> database.sessions() == 1);
            int tries = awaitAdded(finds.through(waiting));
            memcached.server.flush();
            clock.advance(Duration.ofSeconds(6));
            assertThat(thief.through(two).<String>request(Session::userId)).isNull();
            assertThat(x(finds.through(waiting))).isBetween(1, 1 + tries);
        } finally {
            server.restart();
            behind.close();
        }
    }

    @Test
    void changesThatWaitAreNotSlowedByAFrozenDatabase() {
        SessionStore behind = TieredSessionStore.writeBehind(
                (SessionCache) memcached.direct(),
                (DurableSessionStore) database.open("coatcheck.timeout=20s"),
                Duration.ofMillis(200),
                100);
        TestBrowser browser = signedIn();
        try (SessionManager waiting = node().store(behind).build()) {
            assertThat(x(browser.through(waiting))).isZero();
            server.freeze();
            long before = System.nanoTime();
            for (int i = 0; i < 20; i++) {
                browser.through(waiting).visit(DatabaseOutageTest::add);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - before))
                    .as("not one of them waited for the database")
                    .isLessThan(Duration.ofSeconds(15));
            server.thaw();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> database.number("SELECT MAX(version) FROM $table") == 21);
        } finally {
            server.thaw();
            behind.close();
        }
    }

    @Test
    void whenTheDatabaseHasBeenAwayForTooLongNoMoreChangesMayWaitAndThoseThatDoAreNotLost() {
        SessionStore behind = TieredSessionStore.writeBehind(
                (SessionCache) memcached.direct(),
                (DurableSessionStore) database.open("coatcheck.timeout=500ms"),
                Duration.ofMillis(100),
                100,
                1_000_000,
                Duration.ofSeconds(1));
        TestBrowser browser = signedIn();
        TestBrowser other = signedIn("bob");
        AtomicInteger acknowledged = new AtomicInteger();
        try (SessionManager waiting = node().store(behind).build()) {
            assertThat(x(browser.through(waiting))).isZero();
            assertThat(x(other.through(waiting))).isZero();
            server.kill();
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                try {
                    browser.through(waiting).visit(DatabaseOutageTest::add);
                    acknowledged.incrementAndGet();
                    return false;
                } catch (SessionUnavailableException refused) {
                    return true;
                }
            });
            assertThat(acknowledged.get()).isPositive();
            assertThat(kinds()).contains(Kind.DEGRADED);
            assertThat(x(browser.through(waiting))).isEqualTo(acknowledged.get());
            assertThatThrownBy(() -> other.through(waiting).visit(DatabaseOutageTest::add))
                    .as("nor of a session that does not wait")
                    .isInstanceOf(SessionUnavailableException.class);
            assertThat(x(other.through(waiting))).isZero();
            server.restart();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> database.number("SELECT MAX(version) FROM $table") == acknowledged.get() + 1);
            memcached.server.flush();
            assertThat(x(browser.through(two))).isEqualTo(acknowledged.get());
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> catchThrowable(() -> other.through(waiting).visit(DatabaseOutageTest::add)) == null);
        } finally {
            server.restart();
            behind.close();
        }
    }

    @Test
    void aChangeThatWaitsForALockedRowHoldsUpItselfAlone() throws Exception {
        SessionStore behind = TieredSessionStore.writeBehind(
                (SessionCache) memcached.direct(),
                (DurableSessionStore) database.open("coatcheck.timeout=500ms"),
                Duration.ofMillis(200),
                100);
        String changed = "SELECT COUNT(*) FROM $table WHERE version = 2 AND " + OneDatabase.NO_LIST;
        TestBrowser browser = signedIn();
        try (SessionManager waiting = node().store(behind).build();
                Connection holding = server.connect();
                Statement statement = holding.createStatement()) {
            holding.setAutoCommit(false);
            statement.execute("SELECT * FROM " + database.table() + " FOR UPDATE");
            TestBrowser other = signedIn("bob");
            browser.through(waiting).visit(DatabaseOutageTest::add);
            other.through(waiting).visit(DatabaseOutageTest::add);
            await().atMost(Duration.ofSeconds(60)).until(() -> database.number(changed) == 1);
            holding.rollback();
            await().atMost(Duration.ofSeconds(60)).until(() -> database.number(changed) == 2);
        } finally {
            behind.close();
        }
    }
}
