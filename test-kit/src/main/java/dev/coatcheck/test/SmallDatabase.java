package dev.coatcheck.test;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;

/**
 * A real database server whose table of sessions can be filled, until what needs room is refused, and emptied again. It ends
 * with {@link #close()}.
 *
 * <p>The table is {@code coatcheck_session}, and a store has made it and at least one row of it before it is filled. For one
 * thread.
 */
public abstract class SmallDatabase implements AutoCloseable {
    private SmallDatabase() {}

    /** A {@link PostgresServer#startSmall()}. When it is full it has room for rows whose values are shorter than 2 kB. */
    public static SmallDatabase postgres() {
        return new OfPostgres();
    }

    /**
     * A {@link MariaDbServer#startSmall()}. When it is full, no row of before can grow by 1,500 bytes and hardly a new one of so
     * many finds room.
     */
    public static SmallDatabase mariaDb() {
        return new OfMariaDb();
    }

    /** Where its database is, for JDBC; more parameters may follow after an {@code &}. */
    public abstract String url();

    /** Fills the table with rows that are no sessions. */
    public abstract void fill();

    /** Deletes what has filled it; the room is there now (PostgreSQL) or soon (MariaDB). */
    public abstract void makeRoom();

    /** Ends the server and deletes its data. */
    @Override
    public abstract void close();

    abstract Connection connect() throws SQLException;

    /** The number that a query answers with. */
    public long number(String query) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException failed) {
            throw new IllegalStateException("the database was asked in vain", failed);
        }
    }

    private static void isForLackOfRoom(SQLException refused, String state, int code) throws SQLException {
        if (!state.equals(refused.getSQLState()) || refused.getErrorCode() != code) {
            throw refused;
        }
    }

    private static final class OfPostgres extends SmallDatabase {
        private final PostgresServer server = PostgresServer.startSmall();

        @Override
        public String url() {
            return server.url();
        }

        @Override
        Connection connect() throws SQLException {
            return server.connect();
        }

        @Override
        public void fill() {
            server.execute(
                    "ALTER TABLE coatcheck_session ALTER COLUMN content SET STORAGE EXTERNAL",
                    "CREATE SEQUENCE filler");
            try (Connection connection = connect();
                    Statement filling = connection.createStatement()) {
                while (fits(filling)) {}
            } catch (SQLException failed) {
                throw new IllegalStateException("PostgreSQL was filled in vain", failed);
            }
        }

        private static boolean fits(Statement filling) throws SQLException {
            try {
                filling.executeUpdate("INSERT INTO coatcheck_session SELECT 'filler' || nextval('filler'), version,"
                        + " write_id, accessed_at, expires_at, decode(repeat('00', 3000), 'hex')"
                        + " FROM coatcheck_session LIMIT 1");
                return true;
            } catch (SQLException full) {
                isForLackOfRoom(full, "53100", 0);
                return false;
            }
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

    /** Whose table is a tree of pages by key: each has room of its own, and what fills it is known by its shorter key. */
    private static final class OfMariaDb extends SmallDatabase {
        private static final int KEY = 32;

        private final MariaDbServer server = MariaDbServer.startSmall();
        private final Random random = new Random(20_260_101);

        @Override
        public String url() {
            return server.url();
        }

        @Override
        Connection connect() throws SQLException {
            return server.connect();
        }

        @Override
        public void fill() {
            try (Connection connection = connect();
                    PreparedStatement filling = connection.prepareStatement("INSERT INTO coatcheck.coatcheck_session"
                            + " SELECT ?, version, write_id, accessed_at, expires_at, REPEAT('x', ?)"
                            + " FROM coatcheck.coatcheck_session LIMIT 1")) {
                List<String> keys = keys(connection);
                fill(filling, "", 7_000, 1);
                fill(filling, "", 1_000, 200);
                for (String key : keys) {
                    // A key that begins alike is in the same page, or in the one before.
                    fill(filling, key.substring(0, KEY - 8), 1_000, 20);
                }
            } catch (SQLException failed) {
                throw new IllegalStateException("MariaDB was filled in vain", failed);
            }
        }

        private static List<String> keys(Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT session_key FROM coatcheck.coatcheck_session")) {
                List<String> keys = new ArrayList<>();
                while (rows.next()) {
                    keys.add(rows.getString(1));
                }
                return keys;
            }
        }

        /** Until so many in a row were refused. */
        private void fill(PreparedStatement filling, String prefix, int bytes, int refusals) throws SQLException {
            filling.setInt(2, bytes);
            for (int refused = 0; refused < refusals; ) {
                filling.setString(1, (prefix + letters()).substring(0, KEY - 1));
                try {
                    filling.executeUpdate();
                    refused = 0;
                } catch (SQLException full) {
                    isForLackOfRoom(full, "HY000", 1114);
                    refused++;
                }
            }
        }

        private String letters() {
            byte[] bytes = new byte[KEY];
            random.nextBytes(bytes);
            return new String(Base64.getUrlEncoder().encode(bytes), StandardCharsets.US_ASCII);
        }

        @Override
        public void makeRoom() {
            server.execute("DELETE FROM coatcheck.coatcheck_session WHERE LENGTH(session_key) < " + KEY);
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
