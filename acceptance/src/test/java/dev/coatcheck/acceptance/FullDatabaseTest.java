package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.SmallDatabase;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Databases that have no room left, behind a memcached: what is refused says so, and the rest goes on. */
class FullDatabaseTest {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);
    private static final SessionKey<byte[]> CART = SessionKey.of("cart", byte[].class);
    private static final int CART_BYTES = 2_500;
    private static final int LARGER = 6_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final KeyRing ring = KeyRing.parse(KeyRing.generate());
    private final FakeClock clock = OneMemcached.clock();
    private final OneMemcached memcached = new OneMemcached();
    private final List<SessionEvent> events = new CopyOnWriteArrayList<>();
    private final Random random = new Random(20_260_101);

    @AfterEach
    void stop() {
        memcached.stop();
    }

    @Test
    void onPostgres() {
        try (SmallDatabase database = SmallDatabase.postgres()) {
            losesNothing(database);
        }
    }

    @Test
    void onMariaDb() {
        try (SmallDatabase database = SmallDatabase.mariaDb()) {
            losesNothing(database);
        }
    }

    @Test
    void changesThatWaitHaveRoomAgainLater() {
        try (SmallDatabase database = SmallDatabase.postgres();
                SessionStore store = open("tiered:writeBehind=100ms,", database);
                SessionManager node = node(store)) {
            TestBrowser browser = signedIn(node, "alice");
            database.fill();
            for (int i = 0; i < 10; i++) {
                browser.visit(this::change);
            }
            assertThat(x(browser)).isEqualTo(10);
            assertThat(database.number("SELECT MAX(version) FROM coatcheck_session"))
                    .as("none of them has")
                    .isEqualTo(1);
            database.makeRoom();
            await().atMost(PATIENCE).until(() -> database.number("SELECT MAX(version) FROM coatcheck_session") == 11);
            memcached.server.flush();
            assertThat(x(browser)).isEqualTo(10);
        }
    }

    private SessionStore open(String scheme, SmallDatabase database) {
        return SessionStore.open(scheme + "memcached://mc=" + memcached.server.address() + "?timeout=5s+"
                + database.url() + "&coatcheck.timeout=10s");
    }

    private SessionManager node(SessionStore store) {
        return SessionManager.builder()
                .store(store)
                .keyRing(ring)
                .clock(clock)
                .listener(events::add)
                .build();
    }

    private byte[] cart(int bytes) {
        byte[] cart = new byte[bytes];
        random.nextBytes(cart);
        return cart;
    }

    private TestBrowser signedIn(SessionManager node, String user) {
        TestBrowser browser = new TestBrowser(node, clock);
        browser.visit(session -> {
            session.login(user);
            session.set(X, 0);
            session.set(CART, cart(CART_BYTES));
        });
        return browser;
    }

    private void change(Session session) {
        session.update(X, 0, n -> n + 1);
        session.set(CART, cart(LARGER));
    }

    private static int x(TestBrowser browser) {
        return browser.<Integer>request(session -> session.get(X));
    }

    private static boolean isOut(TestBrowser browser) {
        return browser.<String>request(Session::userId) == null;
    }

    private void losesNothing(SmallDatabase database) {
        try (SessionStore first = open("tiered:", database);
                SessionStore second = open("tiered:", database);
                SessionManager one = node(first);
                SessionManager two = node(second)) {
            List<TestBrowser> browsers = IntStream.range(0, 4)
                    .mapToObj(i -> signedIn(i % 2 == 0 ? one : two, "user" + i))
                    .toList();
            browsers.forEach(browser -> browser.visit(session -> session.set(X, 1)));
            database.fill();

            isReadAndNotChanged(browsers, one, two);
            memcached.server.flush();
            isReadAndNotChanged(browsers, one, two);
            assertThat(events).extracting(SessionEvent::kind).contains(Kind.DEGRADED);

            TestBrowser stranger = new TestBrowser(one, clock);
            assertThatThrownBy(() -> stranger.visit(session -> session.set(CART, cart(LARGER))))
                    .isInstanceOf(SessionUnavailableException.class);
            assertThat(stranger.lastResponse().setCookies()).isEmpty();

            TestBrowser leaving = browsers.get(0);
            TestBrowser thief = leaving.copyOfJar();
            assertThat(leaving.<Boolean>request(Session::logout)).isTrue();
            assertThat(rows(database)).isEqualTo(3);
            assertThat(isOut(thief.through(two))).isTrue();
            assertThat(isOut(thief.through(one))).isTrue();

            database.makeRoom();
            memcached.server.flush();
            clock.advance(Duration.ofSeconds(6)); // what is known to be absent is asked for again
            assertThat(isOut(thief.through(two))).isTrue();
            assertThat(isOut(thief.through(one))).isTrue();
            for (TestBrowser browser : browsers.subList(1, 4)) {
                assertThat(x(browser)).isEqualTo(1);
                await().atMost(PATIENCE).until(() -> catchThrowable(() -> browser.visit(this::change)) == null);
                memcached.server.flush();
                assertThat(x(browser.through(two))).isEqualTo(2);
            }
            assertThat(isOut(signedIn(one, "bob").through(two))).isFalse();
        }
    }

    /** Those of sessions, and not users' lists. */
    private static long rows(SmallDatabase database) {
        return database.number("SELECT COUNT(*) FROM coatcheck_session WHERE LENGTH(session_key) = 32"
                + " AND LENGTH(content) > " + CART_BYTES);
    }

    private void isReadAndNotChanged(List<TestBrowser> browsers, SessionManager one, SessionManager two) {
        for (TestBrowser browser : browsers) {
            assertThat(x(browser.through(one))).isEqualTo(1);
            assertThatThrownBy(() -> browser.through(one).visit(this::change))
                    .isInstanceOf(SessionUnavailableException.class)
                    .hasMessageNotContaining("canary");
            assertThat(x(browser.through(one))).isEqualTo(1);
            assertThat(x(browser.through(two))).isEqualTo(1);
        }
    }
}
