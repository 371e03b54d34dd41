package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.SignedOut;
import dev.coatcheck.SessionStore;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.MariaDbServer;
import dev.coatcheck.test.TestBrowser;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A session's whole life in a memcached in front of MariaDB and of H2; all else is tested on PostgreSQL. */
class OtherDatabasesTest {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);

    private final KeyRing ring = KeyRing.parse(KeyRing.generate());
    private final FakeClock clock = OneMemcached.clock();
    private final OneMemcached memcached = new OneMemcached();

    @AfterEach
    void stop() {
        memcached.stop();
    }

    @Test
    void onMariaDb() throws SQLException {
        try (MariaDbServer server = MariaDbServer.start()) {
            wholeLife(server.url() + "&coatcheck.timeout=10s", server.url());
        }
    }

    @Test
    void onH2InAFile(@TempDir Path folder) throws SQLException {
        String url = "jdbc:h2:file:" + folder.resolve("h2") + ";USER=sa;PASSWORD=secret";
        wholeLife(url + ";coatcheck.timeout=10s", url);
    }

    @Test
    void onH2InMemory() throws SQLException {
        String url = "jdbc:h2:mem:behind;DB_CLOSE_DELAY=-1";
        wholeLife(url + ";coatcheck.timeout=10s", url);
    }

    private SessionManager node(SessionStore store) {
        return SessionManager.builder().store(store).keyRing(ring).clock(clock).build();
    }

    private void wholeLife(String url, String plain) throws SQLException {
        String tiers = "tiered:memcached://mc=" + memcached.server.address() + "?timeout=5s+" + url;
        try (SessionStore first = SessionStore.open(tiers);
                SessionStore second = SessionStore.open(tiers);
                SessionManager one = node(first);
                SessionManager two = node(second)) {
            TestBrowser browser = new TestBrowser(one, clock);
            browser.visit(session -> {
                session.login("alice");
                session.set(X, 1);
            });
            for (int i = 0; i < 10; i++) {
                browser.through(i % 2 == 0 ? one : two).visit(session -> session.update(X, 0, n -> n + 1));
            }
            forget();
            assertThat(browser.through(two).<Integer>request(session -> session.get(X)))
                    .isEqualTo(11);
            browser.visit(Session::rotate);
            forget();
            browser.through(two).visit(session -> {
                assertThat(session.userId()).isEqualTo("alice");
                assertThat(session.get(X)).isEqualTo(11);
            });
            TestBrowser other = new TestBrowser(two, clock);
            other.visit(session -> session.login("alice"));
            forget();
            assertThat(one.devices("alice")).hasSize(2);
            TestBrowser thief = browser.copyOfJar();
            assertThat(browser.<Boolean>request(Session::logout)).isTrue();
            forget();
            assertThat(thief.through(two).<String>request(Session::userId)).isNull();
            assertThat(one.signOutEverywhere("alice")).isEqualTo(new SignedOut(1, true));
            forget();
            assertThat(other.through(one).<String>request(Session::userId)).isNull();
            browser.visit(session -> session.set(X, 1));
            forget();
            execute(plain, "UPDATE coatcheck_session SET expires_at = expires_at - 86400000000");
            assertThat(second.sweep(100)).isNotEmpty();
            assertThat(first.sweep(100)).isEmpty();
            clock.advance(Duration.ofSeconds(6)); // what is known to be absent is asked for again
            assertThat(browser.<Integer>request(session -> session.get(X))).isNull();
        }
    }

    private void forget() {
        memcached.server.flush();
    }

    private static void execute(String url, String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement executing = connection.createStatement()) {
            executing.execute(statement);
        }
    }
}
