package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.Session;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionKey;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A cache that missed a change or an end: no user sees the past, and nothing that ended comes back. */
class StaleCacheTest extends TieredNodes {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);
    private static final String FLOOR = COOKIE + "-v[\\w-]{4}[0-3]=[\\w-]{20}";

    StaleCacheTest() {
        super(new OneMemcached(new String[0], "timeout=1s"), new OneDatabase());
    }

    private TestBrowser signedIn() {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.login("alice");
            session.set(X, 1);
        });
        return browser;
    }

    private static Integer x(TestBrowser browser) {
        return browser.<Integer>request(session -> session.get(X));
    }

    private static String user(TestBrowser browser) {
        return browser.<String>request(Session::userId);
    }

    /** The second node has seen the session, so it believes the cache. */
    private TestBrowser seenByBoth() {
        TestBrowser browser = signedIn();
        long before = database.statements();
        assertThat(x(browser.through(two))).isEqualTo(1);
        await().until(() -> database.statements() > before);
        return browser;
    }

    @Test
    void aChangeThatTheCacheMissedIsSeenByTheBrowserThatMadeItAtEveryNode() {
        TestBrowser browser = seenByBoth();
        TestBrowser another = browser.copyOfJar();
        memcached.wireOne.refuse();
        browser.visit(session -> session.set(X, 2));
        assertThat(browser.cookieLine()).containsPattern(FLOOR);
        assertThat(kinds()).contains(Kind.DEGRADED);
        assertThat(x(browser.through(two))).isEqualTo(2);
        assertThat(x(another.through(two)))
                .as("the cache was brought to the row")
                .isEqualTo(2);
        assertThat(kinds()).doesNotContain(Kind.LOST);
    }

    @Test
    void aCacheThatCanBeReachedAgainIsBroughtToTheRow() {
        TestBrowser browser = seenByBoth();
        TestBrowser another = browser.copyOfJar();
        memcached.wireOne.refuse();
        browser.visit(session -> session.set(X, 2));
        assertThat(x(browser)).as("the node itself").isEqualTo(2);
        memcached.wireOne.heal();
        await().atMost(Duration.ofSeconds(60)).until(() -> x(another.through(two)) == 2);
    }

    @Test
    void aFrozenCacheThatComesBackWithThePastIsNotBelieved() {
        TestBrowser browser = seenByBoth();
        memcached.server.freeze();
        browser.visit(session -> session.set(X, 2));
        assertThat(browser.cookieLine()).containsPattern(FLOOR);
        TestBrowser thief = browser();
        thief.setCookie(COOKIE + "=" + browser.cookie(COOKIE) + "; Path=/; Secure");
        assertThat(x(thief.through(two))).as("without memcached").isEqualTo(2);
        memcached.server.thaw();
        for (int i = 0; i < 50; i++) {
            assertThat(x(thief.through(i % 2 == 0 ? one : two))).isEqualTo(2);
        }
        await().until(() ->
                memcached.server.during(() -> assertThat(x(thief)).isEqualTo(2)).total() > 0);
        assertThat(x(thief.through(two))).isEqualTo(2);
    }

    @Test
    void aLogOutThatTheCacheMissedIsNotConfirmedAndDoneWhenItIsBack() {
        TestBrowser browser = seenByBoth();
        TestBrowser thief = browser.copyOfJar();
        memcached.wireOne.refuse();
        assertThat(browser.<Boolean>request(Session::logout)).isFalse();
        assertThat(kinds()).contains(Kind.UNCONFIRMED);
        assertThat(database.sessions()).isZero();
        assertThat(user(thief)).as("the node itself").isNull();
        memcached.wireOne.heal();
        await().atMost(Duration.ofSeconds(60)).until(() -> user(thief.through(two)) == null);
        memcached.server.flush();
        clock.advance(Duration.ofSeconds(6));
        assertThat(user(thief.through(two))).isNull();
    }

    @Test
    void aFrozenCacheDoesNotBringALogOutBack() {
        TestBrowser browser = seenByBoth();
        TestBrowser thief = browser.copyOfJar();
        memcached.server.freeze();
        assertThat(browser.<Boolean>request(Session::logout)).isFalse();
        assertThat(user(thief.through(two))).as("the row is gone").isNull();
        memcached.server.thaw();
        clock.advance(Duration.ofSeconds(6));
        for (int i = 0; i < 50; i++) {
            assertThat(user(thief.through(i % 2 == 0 ? one : two))).isNull();
        }
    }

    @Test
    void aDatabaseThatFellBackGetsTheNewerSessionFromTheCache() {
        TestBrowser browser = seenByBoth();
        database.execute("CREATE TABLE before_$table AS SELECT * FROM $table");
        browser.visit(session -> session.set(X, 2));
        database.execute("DELETE FROM $table");
        database.execute("INSERT INTO $table SELECT * FROM before_$table");
        browser.visit(session -> {
            assertThat(session.get(X)).isEqualTo(2);
            session.update(X, 0, n -> n + 1);
        });
        memcached.server.flush();
        assertThat(x(browser.through(two))).isEqualTo(3);
    }

    @Test
    void whatIsForTheCacheAloneIsLostWithItAndNothingElseIs() {
        SessionKey<String> thumbnail = SessionKey.of("thumbnail", String.class).cacheOnly();
        TestBrowser browser = signedIn();
        browser.visit(session -> session.set(thumbnail, "small"));
        assertThat(browser.through(two).<String>request(session -> session.get(thumbnail)))
                .isEqualTo("small");
        memcached.server.flush();
        browser.visit(session -> {
            assertThat(session.get(thumbnail)).isNull();
            assertThat(session.get(X)).isEqualTo(1);
            session.set(thumbnail, "large");
        });
        assertThat(browser.through(two).<String>request(session -> session.get(thumbnail)))
                .isEqualTo("large");
    }
}
