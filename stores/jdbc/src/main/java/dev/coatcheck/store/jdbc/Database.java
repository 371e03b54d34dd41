package dev.coatcheck.store.jdbc;

import dev.coatcheck.store.jdbc.ConnectionSource.Condition;
import dev.coatcheck.store.jdbc.ConnectionSource.Lent;
import dev.coatcheck.store.jdbc.DatabaseException.Fate;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Carries statements to the database: each on a thread and connection of its own, as many at a time as are set, each within
 * its deadline. A database that has left several in a row without an answer is asked by one at a time until it answers;
 * the others fail at once.
 */
final class Database implements AutoCloseable {
    /** What another transaction has beaten is tried so often. */
    private static final int TRIES = 8;

    private static final int SILENCES = 2;

    /** The caller's deadline comes first, so that silence is told from a connection that broke. */
    private static final int GRACE_MILLIS = 250;

    private static final Duration IDLE_THREADS = Duration.ofSeconds(30);
    private static final long PAUSE_NANOS = 2_000_000;

    private final ConnectionSource source;
    private final JdbcOptions options;
    private final Semaphore places;
    private final ThreadPoolExecutor workers;
    private final ExecutorService stuck;
    private final AtomicInteger silences = new AtomicInteger();
    private final AtomicBoolean probing = new AtomicBoolean();
    private volatile @Nullable Statements statements;

    /** What is done with a connection. */
    interface Work<R> {
        R run(Connection connection, Statements statements) throws SQLException;
    }

    Database(ConnectionSource source, JdbcOptions options) {
        this.source = source;
        this.options = options;
        this.places = new Semaphore(options.connections(), true);
        this.workers = threads(options.connections(), "coatcheck-jdbc");
        this.stuck = threads(1, "coatcheck-jdbc-stuck");
    }

    /** Which keep nothing of the request that happens to start them. */
    private static ThreadPoolExecutor threads(int most, String name) {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                most, most, IDLE_THREADS.toSeconds(), TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(null, task, name, 0, false);
                    thread.setContextClassLoader(loader);
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /** When a call of now is over, however many statements it takes; by the system's elapsed time. */
    long deadline() {
        return System.nanoTime() + options.timeout().toNanos();
    }

    /** A statement that changes what others may change meanwhile: tried again only where it was refused for their sake. */
    <R> R write(Work<R> work, long deadline) throws DatabaseException {
        for (int tries = 1; ; tries++) {
            try {
                return once(work, deadline);
            } catch (DatabaseException e) {
                if (e.fate() != Fate.BEATEN || tries == TRIES || deadline - System.nanoTime() <= 0) {
                    throw e;
                }
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(PAUSE_NANOS * tries));
            }
        }
    }

    /** A statement that may be repeated: it is, once, when its connection broke, as all do when the database is restarted. */
    <R> R ask(Work<R> work, long deadline) throws DatabaseException {
        try {
            return write(work, deadline);
        } catch (DatabaseException e) {
            if (e.fate() != Fate.LOST) {
                throw e;
            }
            return write(work, deadline);
        }
    }

    private <R> R once(Work<R> work, long deadline) throws DatabaseException {
        boolean silent = silences.get() >= SILENCES;
        if (silent && !probing.compareAndSet(false, true)) {
            throw new DatabaseException(Fate.NOT_SENT, "the database does not answer");
        }
        try {
            takePlace(deadline);
            return await(start(work, deadline), deadline);
        } finally {
            if (silent) {
                probing.set(false);
            }
        }
    }

    private void takePlace(long deadline) throws DatabaseException {
        try {
            if (places.tryAcquire(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new DatabaseException(
                Fate.NOT_SENT, "all " + options.connections() + " connections to the database are in use");
    }

    private <R> Call<R> start(Work<R> work, long deadline) throws DatabaseException {
        Call<R> call = new Call<>();
        try {
            workers.execute(() -> {
                try {
                    run(call, work, deadline);
                } finally {
                    places.release();
                }
            });
            return call;
        } catch (RejectedExecutionException e) {
            places.release();
            throw new DatabaseException(Fate.NOT_SENT, "the store is closed");
        }
    }

    private <R> R await(Call<R> call, long deadline) throws DatabaseException {
        try {
            R answer = call.await(deadline);
            silences.set(0);
            return answer;
        } catch (DatabaseException e) {
            if (e.fate() == Fate.SILENT || e.fate() == Fate.UNREACHED) {
                silences.incrementAndGet();
                free(call);
            } else if (e.isAnswer()) {
                silences.set(0);
            }
            throw e;
        }
    }

    /**
     * A write into a connection that takes no more has no limit in JDBC, so it is ended from outside; by a thread of its own,
     * since some drivers say so to the server first.
     */
    private void free(Call<?> call) {
        try {
            stuck.execute(() -> abort(call.takeLine()));
        } catch (RejectedExecutionException closed) {
            abort(call.takeLine());
        }
    }

    private static void abort(@Nullable Connection connection) {
        try {
            if (connection != null) {
                connection.abort(Runnable::run);
            }
        } catch (SQLException e) {
            // The driver cannot: its own limits remain.
            return;
        }
    }

    private <R> void run(Call<R> call, Work<R> work, long deadline) {
        try {
            call.answer(on(take(), call, work, deadline));
        } catch (DatabaseException | Error e) {
            call.fail(e);
        }
    }

    private Lent take() throws DatabaseException {
        try {
            return source.take();
        } catch (RuntimeException e) {
            throw new DatabaseException(
                    Fate.NOT_SENT,
                    "there is no connection to the database: " + e.getClass().getSimpleName());
        }
    }

    private <R> R on(Lent lent, Call<R> call, Work<R> work, long deadline) throws DatabaseException {
        Condition condition = Condition.BROKEN;
        try {
            Connection connection = lent.connection();
            long rest = Math.max(0, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
            Limits.network(connection, (int) rest + GRACE_MILLIS);
            Statements ready = statements(connection);
            if (!call.send(connection)) {
                condition = Condition.GOOD;
                throw new DatabaseException(Fate.NOT_SENT, "nobody waits for it");
            }
            R answer = work.run(connection, ready);
            condition = Condition.GOOD;
            return answer;
        } catch (SQLException e) {
            DatabaseException failure = DatabaseException.of(e);
            condition = failure.condition();
            throw failure;
        } catch (RuntimeException e) {
            throw new DatabaseException(
                    Fate.LOST,
                    "the database's driver failed by a " + e.getClass().getSimpleName());
        } finally {
            lent.giveBack(call.leaveLine() ? condition : Condition.BROKEN);
        }
    }

    /** Those for this database, whose tables are looked at first. Several threads may do so at a time. */
    private Statements statements(Connection connection) throws DatabaseException {
        Statements ready = statements;
        if (ready == null) {
            try {
                Dialect dialect = Dialect.of(connection);
                Tables.check(connection, dialect, options);
                ready = new Statements(dialect, options.table());
                statements = ready;
            } catch (UnfitDatabaseException e) {
                throw new DatabaseException(Fate.UNFIT, e.getMessage());
            } catch (SQLException e) {
                throw DatabaseException.notReady(e);
            }
        }
        return ready;
    }

    @Override
    public void close() {
        workers.shutdown();
        stuck.shutdown();
        source.close();
    }
}
