package dev.coatcheck.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.StoreHealth;
import dev.coatcheck.StoreHealth.Part;
import dev.coatcheck.StoreHealth.State;
import dev.coatcheck.StoreHealth.Trouble;
import dev.coatcheck.test.SampleValue;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the health of a database says. */
class HealthTest {
    private static final Duration LEASE = Duration.ofMinutes(20);

    private static Part part(JdbcSessionStore store) {
        StoreHealth health = store.health();
        assertThat(health.parts()).hasSize(1);
        assertThat(health.parts().get(0).name()).isEqualTo("database");
        return health.parts().get(0);
    }

    @ParameterizedTest
    @EnumSource
    void aDatabaseThatIsWellIsUp(TestDatabase database) {
        try (JdbcSessionStore store = database.open()) {
            assertThat(part(store)).isEqualTo(Part.up("database"));
            long rows = database.number("SELECT COUNT(*) FROM coatcheck_session");
            store.health();
            assertThat(database.number("SELECT COUNT(*) FROM coatcheck_session"))
                    .isEqualTo(rows);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void aDatabaseThatMayOnlyBeReadIsShownWithoutTraffic(TestDatabase database) {
        try (JdbcSessionStore store = database.open()) {
            assertThat(part(store).state()).isEqualTo(State.UP);
            database.readOnly(true);
            try {
                Part part = part(store);
                assertThat(part.state()).isEqualTo(State.DEGRADED);
                assertThat(part.troubles()).containsExactly(Trouble.REFUSES_WRITES);
                assertThat(part.reason()).contains("it refuses writes");
            } finally {
                database.readOnly(false);
            }
            await().untilAsserted(() -> assertThat(part(store).state()).isEqualTo(State.UP));
        }
    }

    /** As a full disk, which an update of no row does not notice: a trigger of the database's stands for it here. */
    @Test
    void rowsThatWereRefusedAreShownUntilOneIsStored() {
        TestDatabase database = TestDatabase.POSTGRESQL;
        try (JdbcSessionStore store = database.open("coatcheck.table=health_full")) {
            Key key = SampleValue.key();
            assertThat(store.create(key, SampleValue.live(1), LEASE).outcome()).isEqualTo(Outcome.STORED);
            database.execute(
                    "CREATE OR REPLACE FUNCTION health_full() RETURNS trigger AS"
                            + " 'BEGIN RAISE EXCEPTION USING ERRCODE = ''53100''; END' LANGUAGE plpgsql",
                    "CREATE TRIGGER health_full BEFORE INSERT ON health_full FOR EACH ROW EXECUTE FUNCTION health_full()");
            assertThat(part(store).state()).as("nobody has tried").isEqualTo(State.UP);
            for (int i = 0; i < 2; i++) {
                assertThat(catchThrowable(() -> store.create(SampleValue.key(), SampleValue.live(1), LEASE)))
                        .isInstanceOf(SessionUnavailableException.class);
            }
            Part part = part(store);
            assertThat(part.troubles()).containsExactly(Trouble.REFUSES_WRITES);
            assertThat(part.reason()).contains("it has stored nothing for ", " s: ", "53100");
            assertThat(part.figures()).containsEntry("refused", 2L);
            assertThat(store.load(key, LEASE)).as("reads go on").isPresent();
            assertThat(part(store).state()).as("and prove nothing").isEqualTo(State.DEGRADED);
            database.execute("DROP TRIGGER health_full ON health_full");
            assertThat(store.create(SampleValue.key(), SampleValue.live(1), LEASE)
                            .outcome())
                    .isEqualTo(Outcome.STORED);
            assertThat(part(store).state()).isEqualTo(State.UP);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void aDatabaseThatIsKilledIsDown(TestDatabase database) {
        try (JdbcSessionStore store = database.open()) {
            database.kill();
            try {
                Part part = part(store);
                assertThat(part.state()).isEqualTo(State.DOWN);
                assertThat(part.reason())
                        .contains("no connection to the database")
                        .doesNotContain("canary");
            } finally {
                database.restart();
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> store.health().state() == State.UP);
        }
    }

    @Test
    void aFrozenDatabaseIsDownWithinTheTimeout() {
        TestDatabase database = TestDatabase.POSTGRESQL;
        try (JdbcSessionStore store = database.open("coatcheck.timeout=500ms")) {
            assertThat(part(store).state()).isEqualTo(State.UP);
            database.freeze();
            try {
                long begin = System.nanoTime();
                assertThat(part(store).state()).isEqualTo(State.DOWN);
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
            } finally {
                database.thaw();
            }
        }
    }

    @Test
    void aClosedStoreIsDown() {
        JdbcSessionStore store = TestDatabase.H2_MEMORY.open();
        store.close();
        assertThat(part(store).state()).isEqualTo(State.DOWN);
    }
}
