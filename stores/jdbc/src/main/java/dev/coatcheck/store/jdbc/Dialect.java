package dev.coatcheck.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The databases, and what they do not say alike. */
enum Dialect {
    /** What speaks its protocol too. */
    POSTGRESQL("postgresql", "CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) * 1000 AS BIGINT)"),

    /** MySQL too. By UTC, since an hour of local time comes twice in autumn. */
    MARIADB("mariadb", "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(3)) DIV 1000)"),

    H2("h2", "CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) * 1000 AS BIGINT)");

    private final String text;
    private final String now;

    Dialect(String text, String now) {
        this.text = text;
        this.now = now;
    }

    /** Its name in the names of resources, and for users. */
    String text() {
        return text;
    }

    /** The database's own time in milliseconds since 1970. */
    String now() {
        return now;
    }

    /**
     * What a connection of our own is told first: to give up on its own, somewhat before the caller does, so that a write that
     * waits for somebody's lock is refused for certain rather than on its way for ever.
     */
    String limits(Duration timeout) {
        long millis = Math.max(1, timeout.toMillis() * 3 / 4);
        return switch (this) {
            case POSTGRESQL -> "SET statement_timeout = " + millis;
            // What is for MariaDB alone is a comment to MySQL.
            case MARIADB ->
                String.format(
                        Locale.ROOT,
                        "SET SESSION innodb_lock_wait_timeout = %d /*M! , max_statement_time = %d.%03d */",
                        Math.max(1, millis / 1_000),
                        millis / 1_000,
                        millis % 1_000);
            case H2 -> "SET LOCK_TIMEOUT " + millis;
        };
    }

    /**
     * What makes a database write a change to its file before it confirms it; empty where each does so. It counts for the whole
     * database, and H2 lets its administrators alone say it.
     */
    String durability() {
        return this == H2 ? "SET WRITE_DELAY 0" : "";
    }

    /**
     * Properties for a driver, by which a connection is made or found dead, however the network is. They count for the
     * making of a connection; afterwards each call sets its own limit.
     */
    Map<String, String> driverLimits(Duration timeout) {
        String millis = String.valueOf(timeout.toMillis());
        String seconds = String.valueOf((timeout.toMillis() + 999) / 1_000);
        return switch (this) {
            // Without the last, messages of the server have values of the row.
            case POSTGRESQL ->
                Map.of(
                        "connectTimeout", seconds,
                        "socketTimeout", seconds,
                        "tcpKeepAlive", "true",
                        "ApplicationName", "coatcheck",
                        "logServerErrorDetail", "false");
            case MARIADB -> Map.of("connectTimeout", millis, "socketTimeout", millis);
            case H2 -> Map.of();
        };
    }

    /** What to add to the class path. */
    String driver() {
        return switch (this) {
            case POSTGRESQL -> "org.postgresql:postgresql";
            case MARIADB -> "org.mariadb.jdbc:mariadb-java-client";
            case H2 -> "com.h2database:h2";
        };
    }

    /**
     * By the name of its product, or of a script.
     *
     * @return null for one that is not known
     */
    static @Nullable Dialect named(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "postgresql" -> POSTGRESQL;
            case "mariadb", "mysql" -> MARIADB;
            case "h2" -> H2;
            default -> null;
        };
    }

    /** @throws UnfitDatabaseException when it is none of these */
    static Dialect of(Connection connection) throws SQLException {
        String product = connection.getMetaData().getDatabaseProductName();
        Dialect dialect = named(product);
        if (dialect == null) {
            throw new UnfitDatabaseException(
                    "the database is '" + Texts.shown(product) + "': PostgreSQL, MariaDB, MySQL and H2 are known");
        }
        return dialect;
    }
}
