package dev.coatcheck.store.jdbc;

import dev.coatcheck.DurableSessionStore;
import dev.coatcheck.Envelope;
import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionStoreProvider;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.StoreHealth;
import dev.coatcheck.store.jdbc.Database.Work;
import dev.coatcheck.store.jdbc.DatabaseException.Fate;
import dev.coatcheck.store.jdbc.Rows.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps sessions in a table of PostgreSQL, MariaDB, MySQL or H2, or of what speaks the protocol of one of them. Its URL is the
 * driver's own, {@code jdbc:postgresql://db/app?user=app}, with options as {@code &coatcheck.timeout=2s}; docs/jdbc.md has
 * them.
 *
 * <p>A read is one statement, and a second one renews the lease when a second has passed since the last time; a write is one,
 * which happens only over the version that was seen. Each statement is a transaction of its own, and all times are by the
 * database's clock.
 *
 * <p>A database that is away is {@link SessionUnavailableException}, at once where it refuses connections, else within the
 * timeout. What was sent and not answered is {@link Outcome#UNKNOWN}.
 *
 * <p>Safe for use by many threads, virtual ones too; holds no lock.
 */
public final class JdbcSessionStore implements DurableSessionStore {
    /** How long a call takes at most, by default. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(2);

    /** How many connections are used at a time at most, by default. */
    public static final int DEFAULT_CONNECTIONS = 10;

    /** The largest value that is stored by default, as large as a session may be by default. */
    public static final int DEFAULT_MAX_VALUE_BYTES = 262_144;

    /** The table's name by default. */
    public static final String DEFAULT_TABLE = "coatcheck_session";

    private static final Logger LOG = LoggerFactory.getLogger(JdbcSessionStore.class);

    /** Busy sessions renew their lease so often at most. */
    private static final long RENEWED_MILLIS = 1_000;

    /** Far beyond every lease, and no date that a database cannot add. */
    private static final Duration LONGEST_LEASE = Duration.ofDays(36_500);

    private static final Duration START_PATIENCE = Duration.ofSeconds(10);

    /** What is done about the tables at the start. */
    public enum Schema {
        /** They are made where they are missing, and their version is checked. */
        CREATE,
        /** Their version is checked. */
        CHECK,
        /** Nothing: for users who may not see the table of the version. */
        NONE
    }

    private final Database database;
    private final WriteFate writes = new WriteFate(System::nanoTime);
    private final int maxValueBytes;
    private final boolean leavesProcess;
    private volatile BiConsumer<SessionEvent.Kind, Key> receiver = (kind, key) -> {};
    private volatile boolean closed;

    private JdbcSessionStore(ConnectionSource source, JdbcOptions options, boolean leavesProcess) {
        this.database = new Database(source, options);
        this.maxValueBytes = options.maxValueBytes();
        this.leavesProcess = leavesProcess;
    }

    /**
     * Opens a store by its URL, with connections of its own. Asks the database once, for ten seconds at most; one that is
     * away is said in the log, and its tables are looked at with the first connection.
     *
     * @throws IllegalArgumentException when the URL is wrong, there is no driver for it, or the database answers and cannot
     *     serve: it knows no such user, password or database, or its tables are missing, may not be made or are a newer
     *     release's. The message never has a password
     */
    public static JdbcSessionStore open(String url) {
        return open(JdbcUrl.parse(url, System.getenv()));
    }

    static JdbcSessionStore open(JdbcUrl url) {
        OwnConnections connections =
                new OwnConnections(JdbcDriver.of(url), url.options().timeout(), System::nanoTime);
        if (url.inMemory()) {
            try {
                connections.hold();
            } catch (DatabaseException e) {
                throw new IllegalArgumentException(e.getMessage());
            }
        }
        return new JdbcSessionStore(connections, url.options(), !url.inMemory()).checked();
    }

    /**
     * A store on connections of a {@code DataSource} that the application made, every option at its default. It should be a
     * pool of the store's own: where it is the application's, a page that holds the last connection waits for itself. It is
     * not closed with the store.
     *
     * @throws IllegalArgumentException as for {@link #open}
     */
    public static JdbcSessionStore over(DataSource source) {
        return builder(source).build();
    }

    /** As {@link #over}, with options. */
    public static Builder builder(DataSource source) {
        return new Builder(source);
    }

    /**
     * The script that makes the tables, for those who do not let the application do it.
     *
     * @param database {@code postgresql}, {@code mariadb}, {@code mysql} or {@code h2}
     * @param table the table's name, {@link #DEFAULT_TABLE} by default
     * @throws IllegalArgumentException when the database is not known or the table's name is not accepted
     */
    public static String schema(String database, String table) {
        Dialect dialect = Dialect.named(database);
        if (dialect == null) {
            throw new IllegalArgumentException(
                    "database = " + Texts.shown(database) + ": postgresql, mariadb, mysql or h2");
        }
        return Tables.script(dialect, JdbcOptions.DEFAULTS.withTable(table).table());
    }

    private JdbcSessionStore checked() {
        try {
            database.ask((connection, statements) -> true, System.nanoTime() + START_PATIENCE.toNanos());
            return this;
        } catch (DatabaseException e) {
            if (e.fate() == Fate.UNFIT) {
                close();
                throw new IllegalArgumentException(e.getMessage());
            }
            LOG.warn(
                    "The database of the sessions is away; requests that need it will fail until it answers: {}",
                    e.getMessage());
            return this;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public Optional<Stored> load(Key key, Duration lease) {
        long millis = millis(lease);
        long deadline = database.deadline();
        Optional<Row> found = ask(key, Rows.select(key), deadline);
        found.filter(row -> isDue(row, millis)).ifPresent(row -> renewAfterLoad(key, row, millis, deadline));
        return found.map(Row::stored);
    }

    /** What ends a key keeps the lease that it has. */
    private static boolean isDue(Row row, long millis) {
        return row.version().number() != Envelope.TERMINAL_VERSION
                && (row.idleMillis() >= RENEWED_MILLIS || row.leaseMillis() != millis);
    }

    /** A row that cannot be renewed is there all the same: a database that may only be read still serves its sessions. */
    private void renewAfterLoad(Key key, Row row, long millis, long deadline) {
        try {
            database.ask(renewal(statements -> statements.renewLive, key, row.version(), millis), deadline);
        } catch (DatabaseException e) {
            LOG.debug("A lease was not renewed: {}", e.getMessage());
            receiver.accept(SessionEvent.Kind.DEGRADED, key);
        }
    }

    private static Work<Integer> renewal(Function<Statements, String> which, Key key, JdbcVersion seen, long millis) {
        return Rows.change(which, millis, key.text(), seen.number(), seen.writeId());
    }

    @Override
    public Optional<Stored> peek(Key key, Duration lease) {
        return ask(key, Rows.select(key), database.deadline()).map(Row::stored);
    }

    @Override
    public Written create(Key key, byte[] value, Duration lease) {
        byte[] own = checked(value);
        JdbcVersion version = JdbcVersion.of(Envelope.of(own));
        Work<Integer> insert = Rows.change(
                statements -> statements.insert, key.text(), version.number(), version.writeId(), millis(lease), own);
        try {
            database.write(insert, database.deadline());
            writes.stored();
            return Written.stored(version);
        } catch (DatabaseException e) {
            writes.failed(e);
            return e.fate() == Fate.DUPLICATE ? Written.not(Outcome.EXISTS) : unknown(key, e);
        }
    }

    @Override
    public Written replace(Key key, byte[] value, Version seen, Duration lease) {
        byte[] own = checked(value);
        if (!(seen instanceof JdbcVersion before)) {
            return Written.not(Outcome.CONFLICT);
        }
        JdbcVersion version = JdbcVersion.of(Envelope.of(own));
        Work<Integer> update = Rows.change(
                statements -> statements.update,
                version.number(),
                version.writeId(),
                millis(lease),
                own,
                key.text(),
                before.number(),
                before.writeId());
        long deadline = database.deadline();
        try {
            if (database.write(update, deadline) > 0) {
                writes.stored();
                return Written.stored(version);
            }
        } catch (DatabaseException e) {
            writes.failed(e);
            return unknown(key, e);
        }
        return Written.not(ask(key, Rows.isThere(key), deadline) ? Outcome.CONFLICT : Outcome.GONE);
    }

    private byte[] checked(byte[] value) {
        if (value.length > maxValueBytes) {
            throw new IllegalArgumentException(
                    "A value of " + value.length + " bytes; maxValueBytes is " + maxValueBytes);
        }
        // It may still be on its way when the caller has given up and uses the array again.
        return value.clone();
    }

    /** Rows live a second longer than asked, since a use within a second of the last one is not written down. */
    private static long millis(Duration lease) {
        if (lease.isZero() || lease.isNegative()) {
            throw new IllegalArgumentException("A lease of " + lease + ": more than zero is accepted");
        }
        return lease.compareTo(LONGEST_LEASE) > 0 ? LONGEST_LEASE.toMillis() : lease.toMillis() + RENEWED_MILLIS;
    }

    @Override
    public boolean end(Key key, Instant until) {
        try {
            database.ask(Rows.change(statements -> statements.delete, key.text()), database.deadline());
            return true;
        } catch (DatabaseException e) {
            unavailableIfClosed(key, e);
            return false;
        }
    }

    @Override
    public Outcome end(Key key, Version seen, Instant until) {
        if (!(seen instanceof JdbcVersion before)) {
            return Outcome.CONFLICT;
        }
        Work<Integer> delete =
                Rows.change(statements -> statements.deleteVersion, key.text(), before.number(), before.writeId());
        long deadline = database.deadline();
        try {
            boolean gone = database.ask(delete, deadline) > 0 || !database.ask(Rows.isThere(key), deadline);
            return gone ? Outcome.GONE : Outcome.CONFLICT;
        } catch (DatabaseException e) {
            unavailableIfClosed(key, e);
            return Outcome.UNKNOWN;
        }
    }

    @Override
    public Version version(Envelope envelope) {
        return JdbcVersion.of(envelope);
    }

    @Override
    public boolean renew(Key key, Version seen, Duration lease) {
        return seen instanceof JdbcVersion version
                && ask(key, renewal(statements -> statements.renew, key, version, millis(lease)), database.deadline())
                        > 0;
    }

    /** @throws SessionUnavailableException when the database cannot say */
    @Override
    public List<Expired> expired(int limit) {
        try {
            return database.ask(Rows.expired(limit), database.deadline());
        } catch (DatabaseException e) {
            throw unavailable(e);
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws SessionUnavailableException when it is not known; then it may be deleted, and no caller got true
     */
    @Override
    public boolean sweep(Expired expired) {
        if (!(expired.version() instanceof JdbcVersion version)) {
            return false;
        }
        Work<Integer> sweep =
                Rows.change(statements -> statements.sweep, expired.key().text(), version.number(), version.writeId());
        try {
            return database.write(sweep, database.deadline()) > 0;
        } catch (DatabaseException e) {
            throw unavailable(e);
        }
    }

    private <R> R ask(Key key, Work<R> work, long deadline) {
        try {
            return database.ask(work, deadline);
        } catch (DatabaseException e) {
            throw refused(key, e);
        }
    }

    private Written unknown(Key key, DatabaseException e) {
        if (e.isCertain()) {
            throw refused(key, e);
        }
        return Written.not(Outcome.UNKNOWN);
    }

    private void unavailableIfClosed(Key key, DatabaseException e) {
        if (closed) {
            throw unavailable(e);
        }
        if (e.fate() == Fate.REFUSED) {
            receiver.accept(SessionEvent.Kind.DEGRADED, key);
        }
    }

    private SessionUnavailableException refused(Key key, DatabaseException e) {
        if (e.fate() == Fate.REFUSED) {
            receiver.accept(SessionEvent.Kind.DEGRADED, key);
        }
        return unavailable(e);
    }

    /** Without the driver's exception, in which there may be keys and values. */
    private static SessionUnavailableException unavailable(DatabaseException e) {
        return new SessionUnavailableException("The session store is away: " + e.getMessage(), null);
    }

    /** True: a key ring is required. False for {@code jdbc:h2:mem:}, which is in this process. */
    @Override
    public boolean leavesProcess() {
        return leavesProcess;
    }

    @Override
    public int maxValueBytes() {
        return maxValueBytes;
    }

    /**
     * Whether the database answers and takes writes: asked by an update of no row, and as the last row that was to be stored
     * fared. One statement.
     */
    @Override
    public StoreHealth health() {
        return new DatabaseHealth(database, writes).look();
    }

    @Override
    public void report(BiConsumer<SessionEvent.Kind, Key> receiver) {
        this.receiver = receiver;
    }

    /** Closes the store's own connections; a {@code DataSource} that it was given stays open. What is stored stays. */
    @Override
    public void close() {
        closed = true;
        database.close();
    }

    /** Without the URL. */
    @Override
    public String toString() {
        return "JdbcSessionStore";
    }

    /** Options of a store on a {@code DataSource}. For one thread. */
    public static final class Builder {
        private final DataSource source;
        private JdbcOptions options = JdbcOptions.DEFAULTS;

        private Builder(DataSource source) {
            this.source = source;
        }

        /**
         * How long a call takes at most, waiting for a connection and all statements included. By default 2 seconds.
         *
         * @throws IllegalArgumentException when it is not from 100 ms to 60 s
         */
        public Builder timeout(Duration timeout) {
            options = options.withTimeout(timeout);
            return this;
        }

        /**
         * How many connections are used at a time. More calls wait for one of them, up to the timeout. By default 10.
         *
         * @throws IllegalArgumentException when it is not from 1 to 200
         */
        public Builder connections(int most) {
            options = options.withConnections(most);
            return this;
        }

        /**
         * The largest value, in bytes. By default 262,144.
         *
         * @throws IllegalArgumentException when it is not from 1,024 to 1,000,000
         */
        public Builder maxValueBytes(int bytes) {
            options = options.withMaxValueBytes(bytes);
            return this;
        }

        /**
         * The table's name. By default {@code coatcheck_session}.
         *
         * @throws IllegalArgumentException when it is not a letter and then up to 47 letters, digits and _, in lower case
         */
        public Builder table(String name) {
            options = options.withTable(name);
            return this;
        }

        /** What is done about the tables at the start. By default {@link Schema#CREATE}. */
        public Builder schema(Schema schema) {
            options = options.withSchema(schema);
            return this;
        }

        /**
         * Opens the store, and asks the database once.
         *
         * @throws IllegalArgumentException as for {@link JdbcSessionStore#open}
         */
        public JdbcSessionStore build() {
            return new JdbcSessionStore(new ApplicationConnections(source), options, true).checked();
        }
    }

    /** Opens stores by URL. */
    public static final class Provider implements SessionStoreProvider {
        /** For the service loader. */
        public Provider() {}

        @Override
        public Set<String> schemes() {
            return Set.of(JdbcUrl.SCHEME);
        }

        @Override
        public SessionStore open(String url) {
            return JdbcSessionStore.open(url);
        }
    }
}
