package dev.coatcheck.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.test.SampleValue;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections of the application's, and what is certain after each kind of failure. */
class DataSourceTest {
    private static final Duration LEASE = Duration.ofMinutes(20);
    private static final String CANARY = "canary-row-71";

    private FaultySource source = new FaultySource(TestDatabase.H2_MEMORY);
    private JdbcSessionStore store = open(source, Duration.ofSeconds(20));

    private static JdbcSessionStore open(FaultySource source, Duration timeout) {
        return JdbcSessionStore.builder(source)
                .table("given")
                .connections(1)
                .timeout(timeout)
                .build();
    }

    private void use(TestDatabase database, Duration timeout) {
        store.close();
        source = new FaultySource(database);
        store = open(source, timeout);
    }

    @AfterEach
    void close() throws SQLException {
        store.close();
        assertThat(source.open).as("connections that were not given back").hasValue(0);
        Objects.requireNonNull(source.last).close();
    }

    private Version create(Key key) {
        return create(store, key);
    }

    private static Version create(JdbcSessionStore where, Key key) {
        return Objects.requireNonNull(
                where.create(key, SampleValue.live(1, CANARY), LEASE).version());
    }

    private static SQLException failure(String state, int code) {
        return new SQLException("Key (session_key)=(" + CANARY + ")", state, code);
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionIsGivenBackAsItWas(TestDatabase database) throws SQLException {
        use(database, Duration.ofSeconds(5));
        Key key = SampleValue.key();
        Version version = create(key);
        Connection connection = Objects.requireNonNull(source.last);
        assertThat(connection.getAutoCommit()).isFalse();
        assertThat(connection.getNetworkTimeout()).isZero();
        assertThat(store.replace(key, SampleValue.live(2), version, LEASE).outcome())
                .isEqualTo(Outcome.STORED);
        try (JdbcSessionStore other = database.open("coatcheck.table=given")) {
            assertThat(other.load(key, LEASE).orElseThrow().version().number())
                    .as("committed at once")
                    .isEqualTo(2);
        }
        store.close();
        assertThat(connection.isClosed()).as("the application's to close").isFalse();
        assertThat(store.leavesProcess()).isTrue();
    }

    @Test
    void overADataSourceEveryOptionIsAtItsDefault() {
        Key key = SampleValue.key();
        try (JdbcSessionStore over = JdbcSessionStore.over(source)) {
            create(over, key);
            assertThat(over.maxValueBytes()).isEqualTo(JdbcSessionStore.DEFAULT_MAX_VALUE_BYTES);
        }
        assertThat(TestDatabase.H2_MEMORY.number("SELECT COUNT(*) FROM " + JdbcSessionStore.DEFAULT_TABLE
                        + " WHERE session_key = '" + key.text() + "'"))
                .isEqualTo(1);
    }

    @Test
    void whatIsSetOverADataSourceCounts() {
        JdbcSessionStore.Builder builder = JdbcSessionStore.builder(source).maxValueBytes(2_000);
        try (JdbcSessionStore small = builder.table("small").build()) {
            create(small, SampleValue.key());
            assertThat(small.maxValueBytes()).isEqualTo(2_000);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> small.create(SampleValue.key(), SampleValue.live(1, 2_001), LEASE))
                    .withMessageContaining("2000");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.schema(JdbcSessionStore.Schema.CHECK)
                        .table("nowhere")
                        .build())
                .withMessageContaining("nowhere");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.maxValueBytes(1_023))
                .withMessageContaining("1,024 to 1,000,000");
    }

    @ParameterizedTest
    @CsvSource({
        "53100, 0", // PostgreSQL's disk is full
        "53200, 0",
        "55P03, 0", // a lock that was not to be had
        "57014, 0", // cancelled by its own limit
        "25006, 0", // may only be read
        "23502, 0",
        "42P01, 0",
        "42501, 0",
        "HY000, 1114", // MariaDB's table is full
        "HY000, 1021",
        "HY000, 1205",
        "HY000, 1290",
        "70100, 1317",
        "70100, 1969",
        "HYT00, 50200", // H2's lock
        "90131, 90131"
    })
    void aWriteThatTheDatabaseRefusedIsNotStoredForCertain(String state, int code) throws SQLException {
        Key key = SampleValue.key();
        Version version = create(key);
        for (int i = 0; i < 8; i++) {
            source.next(false, failure(state, code));
        }
        assertThatThrownBy(() -> store.replace(key, SampleValue.live(2), version, LEASE))
                .isInstanceOf(SessionUnavailableException.class)
                .hasMessageContaining(state)
                .hasMessageNotContaining(CANARY)
                .hasNoCause();
        assertThat(Objects.requireNonNull(source.last).getAutoCommit()).isFalse();
        source.faults.clear();
        source.next(false, failure(state, code));
        assertThat(store.end(key, Instant.now())).isEqualTo(code == 90131);
    }

    @ParameterizedTest
    @CsvSource({
        "08006, 0",
        "08S01, 0",
        "40003, 0", // "statement completion unknown", of distributed databases
        "57P01, 0", // shut down meanwhile
        "58030, 0",
        "XX000, 0",
        "08000, 1927",
        ", 0"
    })
    void aWriteWhoseAnswerWasLostIsUnknown(String state, int code) {
        Key key = SampleValue.key();
        source.next(true, failure(state, code));
        assertThat(store.create(key, SampleValue.live(1), LEASE).outcome()).isEqualTo(Outcome.UNKNOWN);
        Version version = store.load(key, LEASE).orElseThrow().version();
        source.next(true, failure(state, code));
        assertThat(store.replace(key, SampleValue.live(2), version, LEASE).outcome())
                .isEqualTo(Outcome.UNKNOWN);
        source.next(false, failure(state, code));
        assertThat(store.load(key, LEASE).orElseThrow().version().number())
                .as("a read is repeated")
                .isEqualTo(2);
        source.next(true, failure(state, code));
        assertThat(store.end(key, Instant.now())).as("an end is repeated").isTrue();
        assertThat(store.load(key, LEASE)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"40001, 0", "40P01, 0", "40001, 1213", "HY000, 1020", "90131, 90131"})
    void whatAnotherTransactionHasBeatenIsTriedAgainSomeTimes(String state, int code) {
        Key key = SampleValue.key();
        for (int i = 0; i < 3; i++) {
            source.next(false, failure(state, code));
        }
        Version version = create(key);
        for (int i = 0; i < 100; i++) {
            source.next(false, failure(state, code));
        }
        assertThatThrownBy(() -> store.replace(key, SampleValue.live(2), version, LEASE))
                .isInstanceOf(SessionUnavailableException.class);
        assertThat(source.faults).as("not for ever").hasSizeBetween(80, 98);
        source.faults.clear();
        assertThat(store.load(key, LEASE).orElseThrow().version().number()).isEqualTo(1);
    }

    @Test
    void aDriverThatBreaksTellsNothing() {
        Key key = SampleValue.key();
        source.next(true, new IllegalStateException(CANARY));
        assertThat(store.create(key, SampleValue.live(1), LEASE).outcome()).isEqualTo(Outcome.UNKNOWN);
        source.next(false, new IllegalStateException(CANARY));
        source.next(false, new IllegalStateException(CANARY));
        assertThatThrownBy(() -> store.load(key, LEASE))
                .isInstanceOf(SessionUnavailableException.class)
                .hasMessageNotContaining(CANARY)
                .hasNoCause();
    }

    @Test
    void aSourceThatBreaksIsADatabaseThatIsAway() {
        source.beforeEach = () -> {
            throw new IllegalStateException(CANARY);
        };
        assertThatThrownBy(() -> store.create(SampleValue.key(), SampleValue.live(1), LEASE))
                .isInstanceOf(SessionUnavailableException.class)
                .hasMessageNotContaining(CANARY)
                .hasNoCause();
    }

    /** The application's pool is empty, and waits longer than we do. */
    @Test
    void whatNoConnectionWasFoundForInTimeIsNeverSent() throws InterruptedException {
        use(TestDatabase.H2_MEMORY, Duration.ofSeconds(1));
        Key key = SampleValue.key();
        CountDownLatch waits = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        source.beforeEach = hold(waits, goOn);
        int before = source.statements.get();
        assertThatThrownBy(() -> store.create(key, SampleValue.live(1), LEASE))
                .isInstanceOf(SessionUnavailableException.class);
        assertThat(waits.await(60, TimeUnit.SECONDS)).isTrue();
        source.beforeEach = null;
        goOn.countDown();
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> store.load(key, LEASE).isEmpty());
        assertThat(source.statements.get() - before).as("the read alone").isEqualTo(1);
    }

    private static Runnable hold(CountDownLatch waits, CountDownLatch goOn) {
        return () -> {
            waits.countDown();
            try {
                assertThat(goOn.await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
    }

    /** The caller has got its answer, that none is known, and uses the array for something else. */
    @Test
    void aValueThatIsStillOnItsWayIsTheStoresOwn() throws InterruptedException {
        // Its driver keeps the array until it is sent.
        use(TestDatabase.MARIADB, Duration.ofSeconds(3));
        assertThat(store.load(SampleValue.key(), LEASE))
                .as("the connection is there")
                .isEmpty();
        CountDownLatch waits = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        source.beforeStatement = hold(waits, goOn);
        Key key = SampleValue.key();
        byte[] value = SampleValue.live(1, CANARY);
        byte[] sent = value.clone();
        assertThat(store.create(key, sent, LEASE).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(waits.await(60, TimeUnit.SECONDS)).isTrue();
        Arrays.fill(sent, (byte) 0);
        source.beforeStatement = null;
        goOn.countDown();
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> store.load(key, LEASE).isPresent());
        assertThat(store.load(key, LEASE).orElseThrow().value()).isEqualTo(value);
    }

    @Test
    void whoIsInterruptedLeavesTheOthersTheirConnections() {
        Key key = SampleValue.key();
        create(key);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> store.load(key, LEASE)).isInstanceOf(SessionUnavailableException.class);
        assertThat(Thread.interrupted()).as("the mark stays").isTrue();
        assertThat(store.load(key, LEASE)).isPresent();
    }

    /** The databases put the key into the message, and the value into the next line. */
    @ParameterizedTest
    @EnumSource
    void noKeyAndNoValueIsInAnException(TestDatabase database) {
        use(database, Duration.ofSeconds(20));
        Key key = SampleValue.key();
        create(key);
        assertThat(store.create(key, SampleValue.live(1, CANARY), LEASE).outcome())
                .isEqualTo(Outcome.EXISTS);
        database.execute("ALTER TABLE given ADD CONSTRAINT small CHECK (version < 3)");
        try {
            Version version = store.load(key, LEASE).orElseThrow().version();
            assertThatThrownBy(() -> store.replace(key, SampleValue.live(3, CANARY), version, LEASE))
                    .isInstanceOf(SessionUnavailableException.class)
                    .hasMessageNotContainingAny(key.text(), CANARY, "given")
                    .hasNoCause();
        } finally {
            database.execute("ALTER TABLE given DROP CONSTRAINT small");
        }
    }
}
