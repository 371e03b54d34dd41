package dev.coatcheck.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Connections of a {@code DataSource} that the application made. They go back as they came. */
final class ApplicationConnections implements ConnectionSource {
    private final DataSource source;

    ApplicationConnections(DataSource source) {
        this.source = source;
    }

    @Override
    public Lent take() throws DatabaseException {
        try {
            return take(source.getConnection());
        } catch (SQLException e) {
            throw DatabaseException.noConnection(e, "");
        }
    }

    private static Lent take(Connection connection) throws SQLException {
        try {
            boolean byItself = connection.getAutoCommit();
            if (!byItself) {
                connection.setAutoCommit(true);
            }
            return new Borrowed(connection, byItself, networkTimeout(connection));
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** A driver of JDBC 4.0 has none. */
    private static int networkTimeout(Connection connection) {
        try {
            return connection.getNetworkTimeout();
        } catch (SQLException | AbstractMethodError e) {
            return 0;
        }
    }

    /** The application's own to close. */
    @Override
    public void close() {}

    private record Borrowed(Connection connection, boolean byItself, int networkTimeout) implements Lent {
        @Override
        public void giveBack(Condition condition) {
            // What is broken the pool finds out by itself, from the exceptions, which it sees first.
            try (connection) {
                if (condition != Condition.BROKEN) {
                    if (!byItself) {
                        connection.setAutoCommit(false);
                    }
                    Limits.network(connection, networkTimeout);
                }
            } catch (SQLException e) {
                // It is the pool's again, or closed: the statement's answer is what counts.
                return;
            }
        }
    }
}
