package dev.coatcheck.store.jdbc;

import dev.coatcheck.store.jdbc.JdbcSessionStore.Schema;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The tables and their version, of which this release knows one. A script for each database makes them; it may be run by
 * several nodes at a time and again after a run that was cut short, since the row with the version is its last part.
 */
final class Tables {
    /** The version that this release works with. */
    static final int VERSION = 1;

    private static final int TRIES = 10;
    private static final Set<String> ABSENT_STATES = Set.of("42P01", "42S02", "42S03", "42S04");

    private Tables() {}

    /** @throws UnfitDatabaseException when they are not as they must be and may not be, or cannot be, made so */
    static void check(Connection connection, Dialect dialect, JdbcOptions options) throws SQLException {
        if (options.schema() == Schema.NONE) {
            return;
        }
        Integer version = version(connection, options.table());
        if (version == null) {
            if (options.schema() == Schema.CHECK) {
                throw new UnfitDatabaseException("schema=check and there is no table " + options.table()
                        + "_schema with a version: run the script that JdbcSessionStore.schema(\"" + dialect.text()
                        + "\", \"" + options.table() + "\") returns, or set schema=create");
            }
            version = create(connection, dialect, options.table());
        }
        if (version != VERSION) {
            throw new UnfitDatabaseException("the table " + options.table() + " is of schema version " + version
                    + " and this release knows version " + VERSION
                    + ": run the release that made it, or another table");
        }
    }

    /** Null when there is none. */
    private static @Nullable Integer version(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT version FROM " + table + "_schema WHERE id = 1")) {
            return rows.next() ? rows.getInt(1) : null;
        } catch (SQLException e) {
            if (e.getSQLState() != null && ABSENT_STATES.contains(e.getSQLState())) {
                return null;
            }
            throw e;
        }
    }

    /** Other nodes may be at it, so what fails is looked at again: their part may be what was in the way. */
    private static int create(Connection connection, Dialect dialect, String table) throws SQLException {
        String failure = "none";
        for (int tries = 1; tries <= TRIES; tries++) {
            try (Statement statement = connection.createStatement()) {
                for (String part : parts(dialect, table)) {
                    statement.execute(part);
                }
            } catch (SQLException e) {
                if (!DatabaseException.of(e).isCertain()) {
                    throw e;
                }
                failure = String.valueOf(e.getSQLState());
            }
            Integer version = version(connection, table);
            if (version != null) {
                return version;
            }
        }
        throw new UnfitDatabaseException("schema=create and the database refused to make the tables (SQLState "
                + failure
                + "): let somebody who may do so run the script that JdbcSessionStore.schema(\"" + dialect.text()
                + "\", \"" + table + "\") returns, and set schema=check");
    }

    private static List<String> parts(Dialect dialect, String table) {
        return Stream.of(script(dialect, table).split(";"))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }

    static String script(Dialect dialect, String table) {
        String name = dialect.text() + "-" + VERSION + ".sql";
        try (InputStream in = Tables.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("The script " + name + " is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("${table}", table);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
