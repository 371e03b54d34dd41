package dev.coatcheck.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Connections of the store's own, kept while they are of use: the last one that came back goes out first. How many there are
 * is bounded by who takes them. A database that refuses connections is told at once, by the exception of the driver.
 */
final class OwnConnections implements ConnectionSource {
    /** After so long somebody on the way may have dropped it, or the server been restarted. */
    private static final Duration TRUSTED = Duration.ofSeconds(1);

    /** Nobody needs it, though others may need the place. */
    private static final Duration LONGEST_IDLE = Duration.ofMinutes(10);

    /** What balances connections over servers, or changes a name's address, is not held up for ever. */
    private static final Duration LONGEST_LIFE = Duration.ofMinutes(30);

    private final JdbcDriver driver;
    private final Duration timeout;
    private final LongSupplier nanos;
    private final ConcurrentLinkedDeque<Line> idle = new ConcurrentLinkedDeque<>();
    private volatile @Nullable Connection anchor;
    private volatile boolean closed;

    /** @param nanos elapsed time, as {@link System#nanoTime} */
    OwnConnections(JdbcDriver driver, Duration timeout, LongSupplier nanos) {
        this.driver = driver;
        this.timeout = timeout;
        this.nanos = nanos;
    }

    /** Keeps one connection for itself, for a database that ends with its last one. */
    void hold() throws DatabaseException {
        anchor = driver.connect();
    }

    @Override
    public Lent take() throws DatabaseException {
        Line line = idle.pollFirst();
        if (line != null && !line.answers()) {
            // The others are of the same age or older.
            quit(line);
            closeIdle();
            line = null;
        }
        return line != null ? line : new Line(driver.connect());
    }

    private void closeIdle() {
        for (Line line = idle.pollFirst(); line != null; line = idle.pollFirst()) {
            quit(line);
        }
    }

    private static void quit(Line line) {
        quit(line.connection);
    }

    private static void quit(Connection connection) {
        try (connection) {
            // A farewell that nobody hears must not take long.
            Limits.network(connection, 100);
        } catch (SQLException e) {
            return;
        }
    }

    @Override
    public void close() {
        closed = true;
        closeIdle();
        Connection held = anchor;
        if (held != null) {
            quit(held);
        }
    }

    private final class Line implements Lent {
        private final Connection connection;
        private final long bornAt = nanos.getAsLong();
        private volatile long idleSince;

        Line(Connection connection) {
            this.connection = connection;
        }

        @Override
        public Connection connection() {
            return connection;
        }

        boolean answers() {
            if (nanos.getAsLong() - idleSince < TRUSTED.toNanos()) {
                return true;
            }
            Limits.network(connection, (int) timeout.toMillis());
            try {
                return connection.isValid((int) Math.max(1, timeout.toSeconds()));
            } catch (SQLException e) {
                return false;
            }
        }

        @Override
        public void giveBack(Condition condition) {
            long now = nanos.getAsLong();
            if (condition != Condition.GOOD || now - bornAt > LONGEST_LIFE.toNanos()) {
                quit(connection);
            } else {
                idleSince = now;
                idle.addFirst(this);
            }
            if (closed) {
                closeIdle();
            }
            // One at a time, since somebody may wait for this call: the manager's look every minute is one too.
            Line last = idle.peekLast();
            if (last != null && now - last.idleSince > LONGEST_IDLE.toNanos() && idle.removeLastOccurrence(last)) {
                quit(last);
            }
        }
    }
}
