package dev.coatcheck.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.test.MariaDbServer;
import dev.coatcheck.test.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Databases that have no room left refuse what needs some, for certain, and serve the rest. */
class FullDatabaseTest {
    private static final Duration LEASE = Duration.ofMinutes(20);
    private static final int BYTES = 2_500;
    private static final int LARGER = 6_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<SessionEvent.Kind> reported = new CopyOnWriteArrayList<>();

    private JdbcSessionStore open(String url) {
        JdbcSessionStore store = JdbcSessionStore.open(url + "&coatcheck.timeout=20s");
        store.report((kind, key) -> reported.add(kind));
        return store;
    }

    private static Version create(JdbcSessionStore store, Key key) {
        return Objects.requireNonNull(
                store.create(key, Values.live(1, BYTES), LEASE).version());
    }

    /** Until so many in a row were refused. */
    private static void fill(Connection connection, String text, int refusals) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (int refused = 0; refused < refusals; ) {
                try {
                    statement.executeUpdate(text);
                    refused = 0;
                } catch (SQLException full) {
                    refused++;
                }
            }
        }
    }

    private static void isRefused(ThrowingCallable write, String error) {
        assertThatThrownBy(write)
                .isInstanceOf(SessionUnavailableException.class)
                .hasMessageContaining(error);
    }

    private void refusesWritesAndServesReads(JdbcSessionStore store, Key key, Version seen, String error) {
        Key another = Values.key();
        isRefused(() -> store.create(another, Values.live(1, LARGER), LEASE), error);
        isRefused(() -> store.replace(key, Values.live(2, LARGER), seen, LEASE), error);
        assertThat(reported).contains(SessionEvent.Kind.DEGRADED);
        assertThat(store.load(another, LEASE)).isEmpty();
        assertThat(store.load(key, LEASE).orElseThrow().version()).isEqualTo(seen);
        assertThat(store.load(key, LEASE).orElseThrow().value()).hasSizeGreaterThan(BYTES);
    }

    @Test
    void onPostgres() throws SQLException {
        try (PostgresServer server = PostgresServer.startSmall();
                JdbcSessionStore store = open(server.url());
                Connection connection = server.connect()) {
            server.execute("ALTER TABLE coatcheck_session ALTER COLUMN content SET STORAGE EXTERNAL");
            Key key = Values.key();
            Version seen = create(store, key);
            Key leaving = Values.key();
            create(store, leaving);
            server.execute("CREATE SEQUENCE filler");
            fill(
                    connection,
                    "INSERT INTO coatcheck_session SELECT 'filler' || nextval('filler'), version, write_id, accessed_at,"
                            + " expires_at, decode(repeat('00', 3000), 'hex') FROM coatcheck_session LIMIT 1",
                    1);
            refusesWritesAndServesReads(store, key, seen, "53100");
            assertThat(store.end(leaving, Instant.now())).isTrue();
            assertThat(store.load(leaving, LEASE)).isEmpty();
            server.execute("DELETE FROM coatcheck_session WHERE session_key LIKE 'filler%'");
            server.execute("VACUUM coatcheck_session");
            assertThat(store.replace(key, Values.live(2, LARGER), seen, LEASE).outcome())
                    .isEqualTo(Outcome.STORED);
            create(store, Values.key());
        }
    }

    @Test
    void onMariaDb() throws SQLException {
        try (MariaDbServer server = MariaDbServer.startSmall();
                JdbcSessionStore store = open(server.url());
                Connection connection = server.connect()) {
            Key key = Values.key();
            Version seen = create(store, key);
            Key leaving = Values.key();
            create(store, leaving);
            fill(connection, filling(7_000), 1);
            fill(connection, filling(1_000), 200);
            refusesWritesAndServesReads(store, key, seen, "1114");
            assertThat(store.end(leaving, Instant.now())).isTrue();
            assertThat(store.load(leaving, LEASE)).isEmpty();
            server.execute("DELETE FROM coatcheck.coatcheck_session WHERE LENGTH(session_key) < 32");
            await().atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(SessionUnavailableException.class)
                    .until(() -> store.replace(key, Values.live(2, LARGER), seen, LEASE)
                                    .outcome()
                            == Outcome.STORED);
            create(store, Values.key());
        }
    }

    /** Between the rows of sessions, whose keys are random too. */
    private static String filling(int bytes) {
        return "INSERT INTO coatcheck.coatcheck_session SELECT LEFT(TO_BASE64(UNHEX(MD5(RAND()))), 22), version, write_id,"
                + " accessed_at, expires_at, REPEAT('x', " + bytes + ") FROM coatcheck_session LIMIT 1";
    }
}
