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
import dev.coatcheck.test.MariaDbServer;
import dev.coatcheck.test.PostgresServer;
import dev.coatcheck.test.TestBrowser;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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

    /** A server that can be filled. */
    private interface Small extends AutoCloseable {
        String url();

        Connection connect() throws SQLException;

        void fill();

        void makeRoom();

        @Override
        void close();

        default long number(String query) {
            try (Connection connection = connect();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(query)) {
                row.next();
                return row.getLong(1);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Until so many in a row were refused. */
        default void fill(String statement, int refusals, String state, int code) {
            try (Connection connection = connect();
                    Statement filling = connection.createStatement()) {
                for (int refused = 0; refused < refusals; ) {
                    try {
                        filling.executeUpdate(statement);
                        refused = 0;
                    } catch (SQLException full) {
                        assertThat(full.getSQLState()).isEqualTo(state);
                        assertThat(full.getErrorCode()).isEqualTo(code);
                        refused++;
                    }
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Its values have no room left; what is smaller has, and rows can be deleted. Their pages are free after a VACUUM. */
    private static final class SmallPostgres implements Small {
        private final PostgresServer server = PostgresServer.startSmall();

        @Override
        public String url() {
            return server.url();
        }

        @Override
        public Connection connect() throws SQLException {
            return server.connect();
        }

        @Override
        public void fill() {
            server.execute(
                    "ALTER TABLE coatcheck_session ALTER COLUMN content SET STORAGE EXTERNAL",
                    "CREATE SEQUENCE filler");
            fill(
                    "INSERT INTO coatcheck_session SELECT 'filler' || nextval('filler'), version, write_id, accessed_at,"
                            + " expires_at, decode(repeat('00', 3000), 'hex') FROM coatcheck_session LIMIT 1",
                    1,
                    "53100",
                    0);
        }

        @Override
        public void makeRoom() {
            server.execute("DELETE FROM coatcheck_session WHERE session_key LIKE 'filler%'");
            server.execute("VACUUM coatcheck_session");
        }

        @Override
        public void close() {
            server.close();
        }
    }

    /** The pages of its rows have no room left, and rows can be deleted. */
    private static final class SmallMariaDb implements Small {
        private final MariaDbServer server = MariaDbServer.startSmall();

        @Override
        public String url() {
            return server.url();
        }

        @Override
        public Connection connect() throws SQLException {
            return server.connect();
        }

        @Override
        public void fill() {
            fill(filling(7_000), 1, "HY000", 1114);
            fill(filling(1_000), 200, "HY000", 1114);
        }

        /** Between the rows of sessions, whose keys are random too. */
        private static String filling(int bytes) {
            return "INSERT INTO coatcheck.coatcheck_session SELECT LEFT(TO_BASE64(UNHEX(MD5(RAND()))), 22), version, write_id,"
                    + " accessed_at, expires_at, REPEAT('x', " + bytes + ") FROM coatcheck_session LIMIT 1";
        }

        @Override
        public void makeRoom() {
            server.execute("DELETE FROM coatcheck.coatcheck_session WHERE LENGTH(session_key) < 32");
        }

        @Override
        public void close() {
            server.close();
        }
    }

    @Test
    void onPostgres() {
        try (Small database = new SmallPostgres()) {
            losesNothing(database);
        }
    }

    @Test
    void onMariaDb() {
        try (Small database = new SmallMariaDb()) {
            losesNothing(database);
        }
    }

    @Test
    void changesThatWaitHaveRoomAgainLater() {
        try (Small database = new SmallPostgres();
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

    private SessionStore open(String scheme, Small database) {
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

    private void losesNothing(Small database) {
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
    private static long rows(Small database) {
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
