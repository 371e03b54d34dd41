package dev.coatcheck.store.jdbc;

import dev.coatcheck.DurableSessionStore.Expired;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.store.jdbc.Database.Work;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The work to be done on rows. */
final class Rows {
    private Rows() {}

    /**
     * A row that is there.
     *
     * @param version its state
     * @param idleMillis since it was written or its lease renewed
     * @param leaseMillis from then until its end
     * @param value what is in it
     */
    record Row(JdbcVersion version, long idleMillis, long leaseMillis, byte[] value) {
        private static Row of(ResultSet row) throws SQLException {
            JdbcVersion version = new JdbcVersion(row.getLong(1), row.getLong(2));
            long accessedAt = row.getLong(3);
            return new Row(version, row.getLong(5) - accessedAt, row.getLong(4) - accessedAt, row.getBytes(6));
        }

        /** In whole seconds, since a use within one is not written down. */
        Stored stored() {
            return new Stored(value, version, Duration.ofSeconds(Math.max(0, idleMillis) / 1_000));
        }

        /** Hides the value. */
        @Override
        public String toString() {
            return "Row[" + value.length + " bytes]";
        }
    }

    static Work<Optional<Row>> select(Key key) {
        return (connection, statements) -> {
            try (PreparedStatement select = connection.prepareStatement(statements.select)) {
                select.setString(1, key.text());
                try (ResultSet rows = select.executeQuery()) {
                    return rows.next() ? Optional.of(Row.of(rows)) : Optional.empty();
                }
            }
        };
    }

    static Work<Boolean> isThere(Key key) {
        return (connection, statements) -> {
            try (PreparedStatement select = connection.prepareStatement(statements.version)) {
                select.setString(1, key.text());
                try (ResultSet rows = select.executeQuery()) {
                    return rows.next();
                }
            }
        };
    }

    static Work<List<Expired>> expired(int limit) {
        return (connection, statements) -> {
            try (PreparedStatement select = connection.prepareStatement(statements.expired)) {
                select.setInt(1, limit);
                try (ResultSet rows = select.executeQuery()) {
                    List<Expired> expired = new ArrayList<>();
                    while (rows.next()) {
                        JdbcVersion version = new JdbcVersion(rows.getLong(2), rows.getLong(3));
                        expired.add(new Expired(Key.of(rows.getString(1)), version));
                    }
                    return expired;
                }
            }
        };
    }

    /** A statement that changes rows: how many. */
    static Work<Integer> change(Function<Statements, String> which, Object... parameters) {
        return (connection, statements) -> {
            try (PreparedStatement change = connection.prepareStatement(which.apply(statements))) {
                for (int i = 0; i < parameters.length; i++) {
                    change.setObject(i + 1, parameters[i]);
                }
                return change.executeUpdate();
            }
        };
    }
}
