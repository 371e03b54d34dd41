package dev.coatcheck.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.test.SampleValue;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real servers that are frozen, killed, locked or may only be read. */
class FaultsTest {
    private static final Duration LEASE = Duration.ofMinutes(20);
    private static final Duration TIMEOUT = Duration.ofMillis(1_500);
    /** What a busy machine may add. Without a limit it would be for ever. */
    private static final Duration SLOW = Duration.ofSeconds(20);

    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final String TABLE = "faults";

    private static JdbcSessionStore open(TestDatabase database, String... options) {
        List<String> all = new ArrayList<>(List.of(options));
        all.add("coatcheck.table=" + TABLE);
        all.add("coatcheck.timeout=" + TIMEOUT.toMillis() + "ms");
        return database.open(all.toArray(String[]::new));
    }

    private static Version create(JdbcSessionStore store, Key key) {
        Written written = store.create(key, SampleValue.live(1), LEASE);
        assertThat(written.outcome()).isEqualTo(Outcome.STORED);
        return Objects.requireNonNull(written.version());
    }

    private static Duration time(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static void assertUnavailable(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(SessionUnavailableException.class);
    }

    /** No call takes much longer than its timeout. */
    private static void assertBounded(Runnable call) {
        assertThat(time(call)).isLessThan(TIMEOUT.plus(SLOW));
    }

    private static void awaitService(JdbcSessionStore store, Key key) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> store.load(key, LEASE).isPresent());
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void aFrozenDatabaseIsUnavailableWithinTheTimeoutThenAtOnceAndServesAgainAfterwards(TestDatabase database) {
        try (JdbcSessionStore store = open(database)) {
            Key key = SampleValue.key();
            Version seen = create(store, key);
            database.freeze();
            try {
                assertBounded(() -> assertUnavailable(() -> store.load(key, LEASE)));
                assertBounded(() ->
                        assertThat(store.end(SampleValue.key(), Instant.now())).isFalse());
                // By now it is known not to answer: one call at a time finds out whether it does again.
                ExecutorService threads = Executors.newFixedThreadPool(8);
                try {
                    List<Callable<Duration>> loads = new ArrayList<>();
                    for (int i = 0; i < 8; i++) {
                        loads.add(() -> time(() -> assertUnavailable(() -> store.load(key, LEASE))));
                    }
                    List<Duration> took = new ArrayList<>();
                    for (Future<Duration> future : threads.invokeAll(loads)) {
                        took.add(future.get(60, TimeUnit.SECONDS));
                    }
                    assertThat(took)
                            .filteredOn(one -> one.compareTo(TIMEOUT) < 0)
                            .hasSizeGreaterThanOrEqualTo(6);
                } catch (Exception e) {
                    throw new AssertionError(e);
                } finally {
                    threads.shutdown();
                }
            } finally {
                database.thaw();
            }
            awaitService(store, key);
            assertThat(store.replace(key, SampleValue.live(2), seen, LEASE).outcome())
                    .isEqualTo(Outcome.STORED);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void aWriteIntoAFrozenDatabaseIsUnknownWithinTheTimeout(TestDatabase database) {
        try (JdbcSessionStore store = open(database)) {
            Key key = SampleValue.key();
            Version seen = create(store, key);
            database.freeze();
            try {
                assertBounded(() -> assertThat(store.replace(key, SampleValue.live(2, 200_000), seen, LEASE)
                                .outcome())
                        .isEqualTo(Outcome.UNKNOWN));
            } finally {
                database.thaw();
            }
            awaitService(store, key);
            // It may have happened behind the caller's back, which is what UNKNOWN says.
            await().atMost(PATIENCE)
                    .until(() -> store.load(key, LEASE).orElseThrow().version().number() >= 1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void aStoreCanBeOpenedWhileTheDatabaseIsAway(TestDatabase database) {
        String url = database.url("coatcheck.table=" + TABLE, "coatcheck.timeout=" + TIMEOUT.toMillis() + "ms");
        database.kill();
        try (JdbcSessionStore store = JdbcSessionStore.open(url)) {
            Key key = SampleValue.key();
            try {
                assertUnavailable(() -> store.load(key, LEASE));
            } finally {
                database.restart();
            }
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> store.load(key, LEASE).isEmpty());
            create(store, key);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void aKilledDatabaseIsUnavailableAtOnceAndServesAgainAfterItsStart(TestDatabase database) {
        try (JdbcSessionStore store = open(database)) {
            Key key = SampleValue.key();
            Version seen = create(store, key);
            database.kill();
            try {
                Duration took = time(() -> {
                    for (int i = 0; i < 10; i++) {
                        assertUnavailable(() -> store.load(key, LEASE));
                    }
                });
                assertThat(took).as("ten calls, none of which waits").isLessThan(TIMEOUT.multipliedBy(5));
                assertUnavailable(() -> store.create(SampleValue.key(), SampleValue.live(1), LEASE));
                assertThat(store.end(key, Instant.now())).isFalse();
                assertThat(store.end(key, seen, Instant.now())).isEqualTo(Outcome.UNKNOWN);
            } finally {
                database.restart();
            }
            awaitService(store, key);
            assertThat(store.replace(key, SampleValue.live(2), seen, LEASE).outcome())
                    .isEqualTo(Outcome.STORED);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void aReadIsRepeatedOnANewConnectionWhenTheDatabaseWasRestarted(TestDatabase database) {
        try (JdbcSessionStore store = open(database)) {
            Key key = SampleValue.key();
            create(store, key);
            database.restart();
            assertThat(store.load(key, LEASE)).isPresent();
            assertThat(store.end(key, Instant.now())).isTrue();
        }
    }

    /** The lock of another transaction, as of somebody's maintenance. */
    @ParameterizedTest
    @EnumSource
    void aLockedRowIsReadAndAWriteToItIsRefusedForCertain(TestDatabase database) throws SQLException {
        try (JdbcSessionStore store = database.open("coatcheck.table=" + TABLE, "coatcheck.timeout=3s");
                Connection other = database.connect()) {
            Key key = SampleValue.key();
            Version seen = create(store, key);
            other.setAutoCommit(false);
            lock(other, key);
            Duration took = time(() -> {
                assertUnavailable(() -> store.replace(key, SampleValue.live(2), seen, LEASE));
            });
            assertThat(took)
                    .isBetween(Duration.ofMillis(700), Duration.ofSeconds(3).plus(SLOW));
            assertThat(store.load(key, LEASE)).isPresent();
            other.rollback();
            assertThat(store.load(key, LEASE).orElseThrow().version().number()).isEqualTo(1);
            assertThat(store.replace(key, SampleValue.live(2), seen, LEASE).outcome())
                    .isEqualTo(Outcome.STORED);
        }
    }

    private static void lock(Connection other, Key key) throws SQLException {
        try (Statement statement = other.createStatement()) {
            statement.executeUpdate(
                    "UPDATE " + TABLE + " SET version = version + 7 WHERE session_key = '" + key.text() + "'");
        }
    }

    /** The statement was on its way: it may have happened. */
    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void aWriteThatADyingDatabaseDoesNotAnswerIsUnknown(TestDatabase database) throws Exception {
        try (JdbcSessionStore store = database.open("coatcheck.table=" + TABLE, "coatcheck.timeout=20s");
                Connection other = database.connect()) {
            Key key = SampleValue.key();
            Version seen = create(store, key);
            other.setAutoCommit(false);
            lock(other, key);
            ExecutorService thread = Executors.newSingleThreadExecutor();
            try {
                Future<Outcome> outcome = thread.submit(() ->
                        store.replace(key, SampleValue.live(2), seen, LEASE).outcome());
                awaitWaiting(database);
                database.kill();
                assertThat(outcome.get(40, TimeUnit.SECONDS)).isEqualTo(Outcome.UNKNOWN);
            } finally {
                thread.shutdown();
                database.restart();
            }
            awaitService(store, key);
            assertThat(store.load(key, LEASE).orElseThrow().version().number()).isEqualTo(1);
        }
    }

    /** Until a statement waits for the lock. */
    private static void awaitWaiting(TestDatabase database) {
        String waiting = database == TestDatabase.POSTGRESQL
                ? "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                : "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'";
        await().atMost(PATIENCE).until(() -> database.chiefNumber(waiting) > 0);
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void whenAllConnectionsAreInUseACallFailsWithinTheTimeout(TestDatabase database) throws Exception {
        try (JdbcSessionStore store = open(database, "coatcheck.connections=2")) {
            Key key = SampleValue.key();
            create(store, key);
            database.freeze();
            ExecutorService threads = Executors.newFixedThreadPool(6);
            try {
                List<Callable<Duration>> loads = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                    loads.add(() -> time(() -> assertUnavailable(() -> store.load(key, LEASE))));
                }
                for (Future<Duration> future : threads.invokeAll(loads)) {
                    assertThat(future.get()).isLessThan(TIMEOUT.plus(SLOW));
                }
            } finally {
                threads.shutdown();
                database.thaw();
            }
            awaitService(store, key);
        }
    }

    /** Six writes, each of which waits for a lock that another transaction has. */
    @Test
    void asManyConnectionsAreInUseAsAreAllowedAndTheOtherCallsWait() throws Exception {
        TestDatabase database = TestDatabase.POSTGRESQL;
        String ours = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'two-at-most'";
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try (JdbcSessionStore store = database.open(
                        "coatcheck.table=" + TABLE,
                        "coatcheck.timeout=20s",
                        "coatcheck.connections=2",
                        "ApplicationName=two-at-most");
                Connection other = database.connect()) {
            Key key = SampleValue.key();
            Version seen = create(store, key);
            other.setAutoCommit(false);
            lock(other, key);
            CountDownLatch begun = new CountDownLatch(6);
            List<Future<Outcome>> writes = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                writes.add(threads.submit(() -> {
                    begun.countDown();
                    return store.replace(key, SampleValue.live(2), seen, LEASE).outcome();
                }));
            }
            assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
            await().atMost(PATIENCE).until(() -> database.number(ours + " AND wait_event_type = 'Lock'") == 2);
            await().during(Duration.ofMillis(300)).until(() -> database.number(ours) == 2);
            other.rollback();
            for (Future<Outcome> write : writes) {
                assertThat(write.get(60, TimeUnit.SECONDS)).isIn(Outcome.STORED, Outcome.CONFLICT);
            }
            assertThat(database.number(ours)).isEqualTo(2);
        } finally {
            threads.shutdown();
        }
    }

    /** By now its name may lead to the new primary. */
    @Test
    void whoMayOnlyReadIsAskedOnANewConnectionNextTime() {
        TestDatabase database = TestDatabase.POSTGRESQL;
        try (JdbcSessionStore store = open(database, "coatcheck.connections=1", "ApplicationName=only-reader")) {
            Key key = SampleValue.key();
            Version seen = create(store, key);
            String pid = "SELECT MAX(pid) FROM pg_stat_activity WHERE application_name = 'only-reader'";
            long before = database.number(pid);
            assertThat(store.load(key, LEASE)).isPresent();
            assertThat(database.number(pid)).isEqualTo(before);
            database.readOnly(true);
            try {
                assertUnavailable(() -> store.replace(key, SampleValue.live(2), seen, LEASE));
            } finally {
                database.readOnly(false);
            }
            assertThat(store.load(key, LEASE)).isPresent();
            assertThat(database.number(pid)).isNotEqualTo(before).isPositive();
        }
    }

    /** As after a failover to a replica, and much as on a full disk. */
    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void aDatabaseThatMayOnlyBeReadServesReadsAndRefusesWritesForCertain(TestDatabase database) {
        try (JdbcSessionStore store = open(database)) {
            List<SessionEvent.Kind> reported = new CopyOnWriteArrayList<>();
            store.report((kind, key) -> reported.add(kind));
            Key key = SampleValue.key();
            Version seen = create(store, key);
            database.age(TABLE, Duration.ofSeconds(5));
            database.readOnly(true);
            try {
                assertThat(store.load(key, LEASE)).isPresent();
                assertThat(reported).containsExactly(SessionEvent.Kind.DEGRADED);
                assertUnavailable(() -> store.create(SampleValue.key(), SampleValue.live(1), LEASE));
                assertUnavailable(() -> store.replace(key, SampleValue.live(2), seen, LEASE));
                assertUnavailable(() -> store.renew(key, seen, LEASE));
                assertThat(store.end(key, Instant.now())).isFalse();
                assertThat(store.end(key, seen, Instant.now())).isEqualTo(Outcome.UNKNOWN);
                assertThat(reported).hasSize(6);
                assertThat(store.peek(key, LEASE)).isPresent();
            } finally {
                database.readOnly(false);
            }
            assertThat(store.replace(key, SampleValue.live(2), seen, LEASE).outcome())
                    .isEqualTo(Outcome.STORED);
        }
    }
}
