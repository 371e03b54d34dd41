package dev.coatcheck.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.test.SampleValue;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tables that are made, checked, half made, too new or not there. */
class SchemaTest {
    private static final Duration LEASE = Duration.ofMinutes(20);

    private static void assertServes(JdbcSessionStore store) {
        assertThat(store.create(SampleValue.key(), SampleValue.live(1), LEASE).outcome())
                .isEqualTo(Outcome.STORED);
    }

    private static void assertRefused(TestDatabase database, String table, String schema, String... named) {
        assertThatThrownBy(() -> database.open("coatcheck.table=" + table, "coatcheck.schema=" + schema))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains(named);
    }

    @ParameterizedTest
    @EnumSource
    void nodesThatStartTogetherAllFindTheTables(TestDatabase database) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (int round = 0; round < 3; round++) {
                String table = "together_" + round;
                List<Callable<Boolean>> starts = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    starts.add(() -> {
                        try (JdbcSessionStore store =
                                database.open("coatcheck.table=" + table, "coatcheck.timeout=20s")) {
                            assertServes(store);
                            return true;
                        }
                    });
                }
                for (Future<Boolean> started : threads.invokeAll(starts)) {
                    assertThat(started.get()).isTrue();
                }
                assertThat(database.number("SELECT COUNT(*) FROM " + table + "_schema"))
                        .isEqualTo(1);
                assertThat(database.number("SELECT COUNT(*) FROM " + table)).isEqualTo(8);
            }
        } finally {
            threads.shutdown();
        }
    }

    @ParameterizedTest
    @EnumSource
    void tablesThatAreCheckedAloneMustBeThere(TestDatabase database) throws SQLException {
        assertRefused(database, "by_hand", "check", "by_hand_schema", "schema=create", "JdbcSessionStore.schema(");
        String name = database.isH2() ? "h2" : database.name().toLowerCase(Locale.ROOT);
        database.execute(JdbcSessionStore.schema(name, "by_hand").split(";\n"));
        try (JdbcSessionStore store = database.open("coatcheck.table=by_hand", "coatcheck.schema=check")) {
            assertServes(store);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStartThatWasCutShortIsCompletedByTheNext(TestDatabase database) {
        try (JdbcSessionStore store = database.open("coatcheck.table=cut_short")) {
            assertServes(store);
        }
        database.execute("DELETE FROM cut_short_schema");
        try (JdbcSessionStore store = database.open("coatcheck.table=cut_short")) {
            assertServes(store);
        }
        database.execute("DROP TABLE cut_short_schema");
        try (JdbcSessionStore store = database.open("coatcheck.table=cut_short")) {
            assertServes(store);
        }
        assertThat(database.number("SELECT COUNT(*) FROM cut_short")).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void theTablesOfANewerReleaseAreLeftAlone(TestDatabase database) {
        database.open("coatcheck.table=newer").close();
        database.execute("UPDATE newer_schema SET version = 2");
        for (String schema : List.of("create", "check")) {
            assertRefused(database, "newer", schema, "schema version 2", "knows version 1");
        }
        assertThat(database.number("SELECT version FROM newer_schema")).isEqualTo(2);
        try (JdbcSessionStore store = database.open("coatcheck.table=newer", "coatcheck.schema=none")) {
            assertServes(store);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aNameThatTheDatabaseKeepsForItselfIsRefused(TestDatabase database) {
        assertRefused(database, "select", "create", "schema=create", "SQLState 42");
        assertRefused(database, "select", "create", "schema=create");
    }

    @Test
    void whoMayNotMakeTablesIsToldWhatToDo() {
        TestDatabase.postgres()
                .execute(
                        "CREATE ROLE guest LOGIN PASSWORD 'canary-password'",
                        "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        String url =
                TestDatabase.postgres().plainUrl() + "?user=guest&password=canary-password&coatcheck.table=forbidden";
        assertThatThrownBy(() -> JdbcSessionStore.open(url))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains("42501", "schema=check", "JdbcSessionStore.schema(\"postgresql\", \"forbidden\")");
        TestDatabase.POSTGRESQL.open("coatcheck.table=forbidden").close();
        TestDatabase.postgres()
                .execute(
                        "GRANT SELECT, INSERT, UPDATE, DELETE ON forbidden TO guest",
                        "GRANT SELECT ON forbidden_schema TO guest");
        try (JdbcSessionStore store = JdbcSessionStore.open(url)) {
            assertServes(store);
        }
    }

    @Test
    void scriptsAreToldByTheNameOfTheDatabase() {
        assertThat(JdbcSessionStore.schema("mysql", "t")).isEqualTo(JdbcSessionStore.schema("MariaDB", "t"));
        assertThatThrownBy(() -> JdbcSessionStore.schema("oracle", "t"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("postgresql, mariadb, mysql or h2");
        assertThatThrownBy(() -> JdbcSessionStore.schema("h2", "t; x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("table");
    }
}
