package dev.coatcheck.store.jdbc;

import static org.awaitility.Awaitility.await;

import dev.coatcheck.test.MariaDbServer;
import dev.coatcheck.test.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.function.Consumer;

/** The databases, one of each for all tests of a run. The servers end with the JVM. */
enum TestDatabase {
    POSTGRESQL,
    MARIADB,
    H2_FILE,
    H2_MEMORY;

    private static final class Postgres {
        static final PostgresServer SERVER = PostgresServer.start();
    }

    private static final class MariaDb {
        static final MariaDbServer SERVER = MariaDbServer.start();
    }

    private static final class Folder {
        static final Path PATH = make();

        private static Path make() {
            try {
                Path folder = Files.createTempDirectory("coatcheck-h2");
                Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
                return folder;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void delete(Path folder) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                for (Path file : files) {
                    Files.deleteIfExists(file);
                }
                Files.deleteIfExists(folder);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    boolean isH2() {
        return this == H2_FILE || this == H2_MEMORY;
    }

    /** With user and password and these options or parameters. */
    String url(String... options) {
        StringBuilder text = new StringBuilder(
                switch (this) {
                    case POSTGRESQL -> postgres().url();
                    case MARIADB -> mariaDb().url();
                    case H2_FILE -> "jdbc:h2:file:" + Folder.PATH.resolve("h2") + ";USER=sa;PASSWORD=canary-password";
                    case H2_MEMORY -> "jdbc:h2:mem:sessions;DB_CLOSE_DELAY=-1";
                });
        for (String option : options) {
            text.append(isH2() ? ';' : '&').append(option);
        }
        return text.toString();
    }

    JdbcSessionStore open(String... options) {
        return JdbcSessionStore.open(url(options));
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url());
    }

    /** How many statements on data the server has executed, by its own count. */
    long statements() {
        return switch (this) {
            case POSTGRESQL -> postgres().statements();
            case MARIADB -> mariaDb().statements();
            case H2_FILE, H2_MEMORY -> statementsOfH2();
        };
    }

    /** Counts from when it is first asked; this question is none of them. */
    private long statementsOfH2() {
        execute("SET QUERY_STATISTICS TRUE");
        return number("SELECT COALESCE(SUM(execution_count), 0) FROM INFORMATION_SCHEMA.QUERY_STATISTICS"
                + " WHERE LOWER(sql_statement) LIKE '%session_' || 'key%'");
    }

    static PostgresServer postgres() {
        return Postgres.SERVER;
    }

    static MariaDbServer mariaDb() {
        return MariaDb.SERVER;
    }

    void freeze() {
        either(PostgresServer::freeze, MariaDbServer::freeze);
    }

    void thaw() {
        either(PostgresServer::thaw, MariaDbServer::thaw);
    }

    void kill() {
        either(PostgresServer::kill, MariaDbServer::kill);
    }

    void restart() {
        either(PostgresServer::restart, MariaDbServer::restart);
    }

    private void either(Consumer<PostgresServer> postgres, Consumer<MariaDbServer> mariaDb) {
        switch (this) {
            case POSTGRESQL -> postgres.accept(postgres());
            case MARIADB -> mariaDb.accept(mariaDb());
            case H2_FILE, H2_MEMORY -> throw new IllegalStateException("H2 is no process");
        }
    }

    /** Whatever it answers. */
    void execute(String... statements) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String text : statements) {
                statement.execute(text);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    long number(String query) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As {@link #number}, by a user who sees everything. */
    long chiefNumber(String query) {
        try (Connection connection = this == MARIADB ? mariaDb().connect() : connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether transactions from now on may only read. */
    void readOnly(boolean only) {
        if (this == MARIADB) {
            mariaDb().execute("SET GLOBAL read_only = " + (only ? 1 : 0));
        } else {
            postgres()
                    .execute(
                            "SET default_transaction_read_only = off",
                            "ALTER SYSTEM SET default_transaction_read_only = " + (only ? "on" : "off"),
                            "SELECT pg_reload_conf()");
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> number("SELECT COUNT(*) FROM pg_settings WHERE name = 'default_transaction_read_only'"
                                    + " AND setting = 'on'")
                            == (only ? 1 : 0));
        }
    }

    /** Makes every row of a table so much older, which is what time does to them. */
    void age(String table, Duration time) {
        execute("UPDATE " + table + " SET accessed_at = accessed_at - " + time.toMillis()
                + ", expires_at = expires_at - " + time.toMillis());
    }
}
