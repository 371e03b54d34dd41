package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.coatcheck.DurableSessionStore;
import dev.coatcheck.Session;
import dev.coatcheck.SessionCache;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionStore;
import dev.coatcheck.TieredSessionStore;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Changes that wait for the database: what they cost, when it has them, and that nothing which ended comes back. */
class WriteBehindTest extends TieredNodes {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);
    private static final SessionKey<byte[]> CART = SessionKey.of("cart", byte[].class);
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(100);

    private Duration window = LONG;
    private int maxSessions = 1_000;
    private long maxBytes = TieredSessionStore.DEFAULT_WAITING_BYTES;
    private Duration maxAge = TieredSessionStore.DEFAULT_WAITING_AGE;

    @Override
    SessionStore tiered(SessionStore cache) {
        return behind(cache);
    }

    private SessionStore behind(SessionStore cache) {
        return TieredSessionStore.writeBehind(
                (SessionCache) cache,
                (DurableSessionStore) database.open("coatcheck.timeout=5s"),
                window,
                maxSessions,
                maxBytes,
                maxAge);
    }

    private TestBrowser session() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(X, 1));
        return browser;
    }

    private static void add(Session session) {
        session.update(X, 0, n -> n + 1);
    }

    private static Integer x(TestBrowser browser) {
        return browser.<Integer>request(session -> session.get(X));
    }

    private void forget() {
        memcached.server.flush();
    }

    @Test
    void aChangeCostsTwoCommandsAndNoStatement() {
        TestBrowser browser = session();
        long statements = database.statements();
        assertThat(memcached
                        .server
                        .during(() -> browser.visit(WriteBehindTest::add))
                        .total())
                .isEqualTo(2);
        assertThat(database.statements()).isEqualTo(statements);
        assertThat(x(browser.through(two))).as("the cache decides").isEqualTo(2);
    }

    @Test
    void theDatabaseHasAChangeWithinTheWindow() {
        window = SHORT;
        try (SessionStore quick = behind(memcached.direct());
                var node = node().store(quick).build()) {
            TestBrowser browser = session();
            for (int i = 0; i < 20; i++) {
                browser.through(node).visit(WriteBehindTest::add);
            }
            await().until(() -> database.number("SELECT MAX(version) FROM $table") == 21);
            forget();
            assertThat(x(browser.through(two))).isEqualTo(21);
        }
    }

    @Test
    void allChangesOfAWindowAreOneStatement() {
        TestBrowser browser = session();
        long before = database.statements();
        for (int i = 0; i < 20; i++) {
            browser.visit(WriteBehindTest::add);
        }
        one.close();
        store.close();
        assertThat(database.statements() - before).isEqualTo(1);
        assertThat(database.number("SELECT MAX(version) FROM $table")).isEqualTo(21);
    }

    @Test
    void whatTheCacheForgetsMeanwhileIsGivenToTheDatabaseFirst() {
        TestBrowser browser = session();
        browser.visit(WriteBehindTest::add);
        browser.visit(WriteBehindTest::add);
        forget();
        assertThat(x(browser)).as("asked by the node that holds the change").isEqualTo(3);
    }

    /** To another process it is, for the window. */
    @Test
    void thePastThatAnotherProcessPutBackIsNotShownToTheOneThatHoldsTheChange() {
        TestBrowser browser = session();
        assertThat(x(browser.through(two))).isEqualTo(1);
        browser.visit(WriteBehindTest::add);
        forget();
        assertThat(x(browser.copyOfJar().through(two))).isEqualTo(1);
        assertThat(x(browser)).isEqualTo(2);
        browser.visit(WriteBehindTest::add);
        assertThat(x(browser.through(two))).isEqualTo(3);
    }

    @Test
    void whileTheCacheIsAwayAChangeIsInTheDatabaseWhenItIsAnswered() {
        TestBrowser browser = session();
        memcached.server.kill();
        browser.visit(WriteBehindTest::add);
        assertThat(database.number("SELECT MAX(version) FROM $table")).isEqualTo(2);
        memcached.server.restart();
        assertThat(x(browser.through(two))).isEqualTo(2);
    }

    @Test
    void aCacheThatWasRefilledWithThePastMeanwhileIsBroughtToTheRow() {
        window = SHORT;
        try (SessionStore quick = behind(memcached.direct());
                var node = node().store(quick).build()) {
            TestBrowser browser = session();
            byte[] before = memcached.server.dump().values().iterator().next();
            String key = memcached.server.keys().iterator().next();
            browser.through(node).visit(WriteBehindTest::add);
            memcached.server.put(key, before, Duration.ofMinutes(20));
            await().until(() -> database.number("SELECT MAX(version) FROM $table") == 2);
            await().until(() -> x(browser.through(two)) == 2);
        }
    }

    @Test
    void aShutdownLeavesNothingBehind() {
        TestBrowser browser = session();
        browser.visit(WriteBehindTest::add);
        one.close();
        store.close();
        forget();
        assertThat(x(browser.through(two))).isEqualTo(2);
    }

    @Test
    void twoNodesThatChangeOneSessionLoseNothing() {
        TestBrowser browser = session();
        for (int i = 0; i < 10; i++) {
            browser.visit(WriteBehindTest::add);
            browser.through(two).visit(WriteBehindTest::add);
        }
        assertThat(x(browser)).isEqualTo(21);
        one.close();
        store.close();
        two.close();
        secondStore.close();
        assertThat(database.number("SELECT MAX(version) FROM $table")).isEqualTo(21);
    }

    @Test
    void whatEndsIsNotBroughtBackByWhatWaits() {
        TestBrowser browser = session();
        TestBrowser thief = browser.copyOfJar();
        browser.visit(WriteBehindTest::add);
        assertThat(browser.<Boolean>request(Session::logout)).isTrue();
        assertThat(database.sessions()).isZero();
        one.close();
        store.close();
        assertThat(database.sessions()).isZero();
        forget();
        clock.advance(Duration.ofSeconds(6));
        assertThat(x(thief.through(two))).isNull();
    }

    @Test
    void aNewIdGoesToTheDatabaseAtOnce() {
        TestBrowser browser = session();
        browser.visit(WriteBehindTest::add);
        TestBrowser old = browser.copyOfJar();
        browser.visit(session -> session.login("alice"));
        forget();
        assertThat(browser.through(two).<String>request(Session::userId)).isEqualTo("alice");
        assertThat(x(browser.through(two))).isEqualTo(2);
        assertThat(old.through(two).<String>request(Session::userId)).isNull();
    }

    @Test
    void whereNoMoreMayWaitAChangeGoesToTheDatabaseAtOnce() {
        maxSessions = 1;
        try (SessionStore small = behind(memcached.direct());
                var node = node().store(small).build()) {
            TestBrowser first = session();
            TestBrowser second = session();
            assertThat(x(second.through(node))).as("seen by the node before").isEqualTo(1);
            first.through(node).visit(WriteBehindTest::add);
            long before = database.statements();
            second.through(node).visit(WriteBehindTest::add);
            assertThat(database.statements() - before).isEqualTo(1);
            first.through(node).visit(WriteBehindTest::add);
            assertThat(database.statements() - before).isEqualTo(1);
        }
    }

    @Test
    void whereNoMoreBytesMayWaitAChangeGoesToTheDatabaseAtOnce() {
        maxBytes = 10_000;
        try (SessionStore small = behind(memcached.direct());
                var node = node().store(small).build()) {
            TestBrowser first = session();
            TestBrowser second = session();
            assertThat(x(second.through(node))).as("seen by the node before").isEqualTo(1);
            first.through(node).visit(session -> session.set(CART, new byte[8_000]));
            assertThat(kinds()).doesNotContain(Kind.DEGRADED);
            long before = database.statements();
            second.through(node).visit(session -> session.set(CART, new byte[8_000]));
            assertThat(database.statements() - before).isEqualTo(1);
            assertThat(kinds()).as("the alarm").contains(Kind.DEGRADED);
            second.through(node).visit(session -> session.remove(CART));
            assertThat(database.statements() - before)
                    .as("there is room for so much")
                    .isEqualTo(1);
            first.through(node).visit(session -> session.set(CART, new byte[12_000]));
            assertThat(database.statements() - before)
                    .as("what waits of the session, and then this")
                    .isEqualTo(3);
            forget();
            assertThat(first.through(two).<byte[]>request(session -> session.get(CART)))
                    .hasSize(12_000);
        }
    }

    @Test
    void eachChangeThatMayNotWaitIsAnEventAndALineAMinuteIsInTheLog() {
        maxSessions = 1;
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(TieredSessionStore.class);
        logger.addAppender(log);
        try (SessionStore small = behind(memcached.direct());
                var node = node().store(small).build()) {
            session().through(node).visit(WriteBehindTest::add);
            TestBrowser second = session().through(node);
            for (int i = 0; i < 3; i++) {
                second.visit(WriteBehindTest::add);
            }
        } finally {
            logger.detachAppender(log);
        }
        assertThat(kinds()).filteredOn(Kind.DEGRADED::equals).hasSize(3);
        assertThat(log.list)
                .singleElement()
                .asString()
                .matches("\\[WARN] 1 changes may not wait for the database: those of 1 sessions do, [0-9]+ bytes,"
                        + " the oldest for [0-9]+ ms");
    }

    @Test
    void anotherWindowIsRefused() {
        for (Duration wrong : new Duration[] {Duration.ZERO, Duration.ofMillis(99), Duration.ofMinutes(2)}) {
            window = wrong;
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> behind(memcached.direct()))
                    .withMessageContaining("100 ms to 1 minute");
        }
        window = LONG;
        maxSessions = 0;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> behind(memcached.direct()))
                .withMessageContaining("1 to 1,000,000");
        maxSessions = 1;
        for (long wrong : new long[] {-1, 1_023, 10_737_418_241L}) {
            maxBytes = wrong;
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> behind(memcached.direct()))
                    .withMessageContaining("1,024 to 10,737,418,240");
        }
        maxBytes = 1_024;
        for (Duration wrong :
                new Duration[] {window.minusMillis(1), Duration.ofDays(1).plusMillis(1)}) {
            maxAge = wrong;
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> behind(memcached.direct()))
                    .withMessageContaining("from the window to 1 day");
        }
    }
}
