package dev.coatcheck.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/** How long a connection waits for an answer. */
final class Limits {
    private Limits() {}

    /** In milliseconds, 0 for ever. Where a driver cannot, the caller's own deadline does without it. */
    static void network(Connection connection, int millis) {
        try {
            connection.setNetworkTimeout(Runnable::run, millis);
        } catch (SQLException | AbstractMethodError e) {
            return;
        }
    }
}
