package dev.coatcheck.acceptance;

import dev.coatcheck.SessionStore;
import dev.coatcheck.test.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** A real PostgreSQL for all tests of a run, with tables of its own for each. */
final class OneDatabase {
    private static final AtomicInteger TABLES = new AtomicInteger();

    /** What holds for the rows of sessions and old ids, and not for users' lists: the second byte of a value is its kind. */
    static final String NO_LIST = "get_byte(content, 1) <> 7";

    final PostgresServer server;
    private final String table = "session_" + TABLES.incrementAndGet();

    /** On the server of the run, which must be left as it was. */
    OneDatabase() {
        this(Shared.SERVER);
    }

    /** On a server that the test starts, kills and closes. */
    OneDatabase(PostgresServer server) {
        this.server = server;
    }

    private static final class Shared {
        static final PostgresServer SERVER = PostgresServer.start();
    }

    /** Its URL, with more options behind. */
    String url(String... options) {
        StringBuilder url =
                new StringBuilder(server.url()).append("&coatcheck.table=").append(table);
        for (String option : options) {
            url.append('&').append(option);
        }
        return url.toString();
    }

    SessionStore open(String... options) {
        return SessionStore.open(url(options));
    }

    /** How many sessions there are, expired ones and old ids too, and no index of a user. */
    long sessions() {
        return number("SELECT COUNT(*) FROM $table WHERE " + NO_LIST);
    }

    /** How many queries of the table the server has counted. */
    long queries() {
        return number("SELECT COALESCE(SUM(calls), 0) FROM pg_stat_statements WHERE query LIKE 'SELECT%FROM " + table
                + " %' AND query NOT LIKE '%COUNT(*)%'");
    }

    /** How many statements of the table the server has counted. */
    long statements() {
        return number("SELECT COALESCE(SUM(calls), 0) FROM pg_stat_statements WHERE query LIKE '%" + table
                + " %' AND query NOT LIKE '%COUNT(*)%' AND query NOT LIKE 'CREATE%'"
                + " AND query NOT LIKE '%pg_stat_statements%'");
    }

    void execute(String statement) {
        server.execute(statement.replace("$table", table));
    }

    /** The table's name. */
    String table() {
        return table;
    }

    /** The number that a query gives; {@code $table} is the table. */
    long number(String query) {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query.replace("$table", table))) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
