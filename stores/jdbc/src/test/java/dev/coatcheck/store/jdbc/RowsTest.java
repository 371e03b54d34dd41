package dev.coatcheck.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.DurableSessionStore.Expired;
import dev.coatcheck.Envelope;
import dev.coatcheck.Envelope.Kind;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import dev.coatcheck.test.SampleValue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens to rows beyond the contract of every store: versions, renewals, expiry and what it costs. */
class RowsTest {
    private static final String TABLE = "rows_test";
    private static final Duration LEASE = Duration.ofMinutes(20);
    private final List<JdbcSessionStore> opened = new ArrayList<>();

    private JdbcSessionStore open(TestDatabase database) {
        JdbcSessionStore store = database.open("coatcheck.table=" + TABLE, "coatcheck.timeout=20s");
        opened.add(store);
        return store;
    }

    @AfterEach
    void close() {
        opened.forEach(JdbcSessionStore::close);
    }

    private static Version stored(Written written) {
        assertThat(written.outcome()).isEqualTo(Outcome.STORED);
        return Objects.requireNonNull(written.version());
    }

    private static Version create(JdbcSessionStore store, Key key) {
        return stored(store.create(key, SampleValue.live(1), LEASE));
    }

    private static String row(Key key) {
        return " FROM " + TABLE + " WHERE session_key = '" + key.text() + "'";
    }

    /** A replica that was behind became the primary, and somebody else's second version is not ours. */
    @ParameterizedTest
    @EnumSource
    void aVersionOfTheSameNumberByAnotherWriteIsNoMatch(TestDatabase database) {
        JdbcSessionStore store = open(database);
        Key key = SampleValue.key();
        Version ours = stored(store.replace(key, SampleValue.live(2), create(store, key), LEASE));
        database.execute("UPDATE " + TABLE + " SET write_id = write_id + 2 WHERE session_key = '" + key.text() + "'");
        assertThat(store.replace(key, SampleValue.live(3), ours, LEASE).outcome())
                .isEqualTo(Outcome.CONFLICT);
        assertThat(store.end(key, ours, Instant.now())).isEqualTo(Outcome.CONFLICT);
        assertThat(store.renew(key, ours, LEASE)).isFalse();
        database.age(TABLE, LEASE.multipliedBy(2));
        assertThat(store.sweep(new Expired(key, ours))).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void theVersionOfAnEnvelopeIsThatUnderWhichItsValueIsStored(TestDatabase database) {
        JdbcSessionStore store = open(database);
        Key key = SampleValue.key();
        byte[] first = SampleValue.live(1);
        Version version = stored(store.create(key, first, LEASE));
        assertThat(store.version(Envelope.of(first))).isEqualTo(version);
        // A store that fell back is given what a cache still has: the number is the value's, not one more.
        byte[] newer = SampleValue.live(7);
        stored(store.replace(key, newer, store.version(Envelope.of(first)), LEASE));
        assertThat(store.load(key, LEASE).orElseThrow().version()).isEqualTo(store.version(Envelope.of(newer)));
        assertThat(store.load(key, LEASE).orElseThrow().version().number()).isEqualTo(7);
    }

    @ParameterizedTest
    @EnumSource
    void aBusySessionIsRenewedOnceASecond(TestDatabase database) {
        JdbcSessionStore store = open(database);
        Key key = SampleValue.key();
        create(store, key);
        String accessedAt = "SELECT accessed_at" + row(key);
        // In the future, so that no pause of this machine is a second.
        database.age(TABLE, Duration.ofHours(-1));
        long before = database.number(accessedAt);
        for (int i = 0; i < 5; i++) {
            assertThat(store.load(key, LEASE).orElseThrow().idleFor()).isZero();
        }
        assertThat(database.number(accessedAt)).isEqualTo(before);
        database.age(TABLE, Duration.ofHours(1).plusSeconds(5));
        assertThat(store.load(key, LEASE).orElseThrow().idleFor()).isGreaterThanOrEqualTo(Duration.ofSeconds(5));
        assertThat(database.number(accessedAt))
                .isGreaterThan(before - Duration.ofHours(1).toMillis() - 5_000);
    }

    @ParameterizedTest
    @EnumSource
    void aRowLivesASecondLongerThanItsLeaseAndNoMore(TestDatabase database) {
        JdbcSessionStore store = open(database);
        Key key = SampleValue.key();
        create(store, key);
        assertThat(database.number("SELECT expires_at - accessed_at" + row(key)))
                .isEqualTo(LEASE.toMillis() + 1_000);
        database.age(TABLE, LEASE.minusSeconds(20));
        assertThat(store.peek(key, LEASE)).isPresent();
        assertThat(store.renew(key, store.peek(key, LEASE).orElseThrow().version(), LEASE))
                .isTrue();
        assertThat(database.number("SELECT expires_at - accessed_at" + row(key)))
                .isEqualTo(LEASE.toMillis() + 1_000);
        database.age(TABLE, LEASE.plusSeconds(1));
        assertThat(store.peek(key, LEASE)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void whatExpiredIsAbsentAndTakenForNothingElse(TestDatabase database) {
        JdbcSessionStore store = open(database);
        Key key = SampleValue.key();
        Version version = create(store, key);
        database.age(TABLE, LEASE.multipliedBy(2));
        assertThat(store.load(key, LEASE)).isEmpty();
        assertThat(store.peek(key, LEASE)).isEmpty();
        assertThat(store.replace(key, SampleValue.live(2), version, LEASE).outcome())
                .isEqualTo(Outcome.GONE);
        assertThat(store.create(key, SampleValue.live(1), LEASE).outcome()).isEqualTo(Outcome.EXISTS);
        assertThat(store.load(key, LEASE)).isEmpty();
        assertThat(store.end(key, version, Instant.now())).isEqualTo(Outcome.GONE);
        assertThat(store.create(key, SampleValue.live(1), LEASE).outcome()).isEqualTo(Outcome.STORED);
    }

    /** A cache in front of it has the session, and has told nobody that it is used. */
    @ParameterizedTest
    @EnumSource
    void whatExpiredCanBeRenewedUntilItIsSwept(TestDatabase database) {
        JdbcSessionStore store = open(database);
        Key key = SampleValue.key();
        Version version = create(store, key);
        database.age(TABLE, LEASE.multipliedBy(2));
        assertThat(store.renew(key, version, LEASE)).isTrue();
        assertThat(store.sweep(new Expired(key, version))).isFalse();
        assertThat(store.load(key, LEASE)).isPresent();
        database.age(TABLE, LEASE.multipliedBy(2));
        assertThat(store.sweep(new Expired(key, version))).isTrue();
        assertThat(store.renew(key, version, LEASE)).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void theOldestOfWhatExpiredComesFirst(TestDatabase database) {
        JdbcSessionStore store = open(database);
        database.execute("DELETE FROM " + TABLE);
        List<Key> keys = List.of(SampleValue.key(), SampleValue.key(), SampleValue.key());
        List<Expired> all = new ArrayList<>();
        for (Key key : keys) {
            all.add(new Expired(key, create(store, key)));
            database.age(TABLE, Duration.ofMinutes(1));
        }
        assertThat(store.expired(10)).isEmpty();
        database.age(TABLE, LEASE);
        Key live = SampleValue.key();
        create(store, live);
        assertThat(store.expired(10)).isEqualTo(all);
        assertThat(store.expired(2)).isEqualTo(all.subList(0, 2));
        assertThat(store.sweep(all.get(0))).isTrue();
        assertThat(store.sweep(all.get(0))).isFalse();
        assertThat(store.expired(10)).isEqualTo(all.subList(1, 3));
        assertThat(store.load(live, LEASE)).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void whatWasRenewedOrChangedIsNotSwept(TestDatabase database) {
        JdbcSessionStore store = open(database);
        Key renewed = SampleValue.key();
        Expired seen = new Expired(renewed, create(store, renewed));
        assertThat(store.sweep(seen)).isFalse();
        assertThat(store.load(renewed, LEASE)).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void ofManySweepersOneGetsEachExpiredSession(TestDatabase database) throws Exception {
        JdbcSessionStore one = open(database);
        JdbcSessionStore two = open(database);
        database.execute("DELETE FROM " + TABLE);
        int sessions = 12;
        for (int i = 0; i < sessions; i++) {
            create(one, SampleValue.key());
        }
        database.age(TABLE, LEASE.multipliedBy(2));
        List<Expired> expired = one.expired(100);
        assertThat(expired).hasSize(sessions);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Integer>> sweepers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                JdbcSessionStore store = i % 2 == 0 ? one : two;
                sweepers.add(() -> (int) expired.stream().filter(store::sweep).count());
            }
            int swept = 0;
            for (Future<Integer> sweeper : threads.invokeAll(sweepers)) {
                swept += sweeper.get();
            }
            assertThat(swept).isEqualTo(sessions);
        } finally {
            threads.shutdown();
        }
        assertThat(one.expired(100)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void noIncrementOfTwoNodesIsLost(TestDatabase database) throws Exception {
        List<JdbcSessionStore> nodes = List.of(open(database), open(database));
        Key key = SampleValue.key();
        create(nodes.get(0), key);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Integer>> writers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                JdbcSessionStore store = nodes.get(i % 2);
                writers.add(() -> {
                    int won = 0;
                    while (won < 10) {
                        Version seen = store.load(key, LEASE).orElseThrow().version();
                        byte[] next = SampleValue.live((int) seen.number() + 1);
                        won += store.replace(key, next, seen, LEASE).outcome() == Outcome.STORED ? 1 : 0;
                    }
                    return won;
                });
            }
            for (Future<Integer> writer : threads.invokeAll(writers)) {
                assertThat(writer.get()).isEqualTo(10);
            }
        } finally {
            threads.shutdown();
        }
        assertThat(nodes.get(1).load(key, LEASE).orElseThrow().version().number())
                .isEqualTo(81);
    }

    @ParameterizedTest
    @EnumSource
    void whatEndsAKeyIsARowLikeAnyAndIsNotRenewed(TestDatabase database) {
        JdbcSessionStore store = open(database);
        for (Kind kind : List.of(Kind.FORWARD, Kind.MARKER, Kind.MOVED, Kind.TOMB)) {
            Key key = SampleValue.key();
            byte[] value = SampleValue.terminal(kind, Instant.now().plusSeconds(60));
            stored(store.replace(key, value, create(store, key), Duration.ofSeconds(60)));
            database.age(TABLE, Duration.ofSeconds(30));
            assertThat(store.load(key, LEASE).orElseThrow().value()).isEqualTo(value);
            database.age(TABLE, Duration.ofSeconds(31));
            assertThat(store.load(key, LEASE)).as("%s", kind).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aValueThatIsTooLargeIsRefusedBeforeItIsSent(TestDatabase database) {
        JdbcSessionStore store = database.open("coatcheck.maxValueBytes=1000000", "coatcheck.table=" + TABLE);
        opened.add(store);
        Key key = SampleValue.key();
        byte[] largest = SampleValue.live(1, 1_000_000 - Envelope.BYTES);
        Version version = stored(store.create(key, largest, LEASE));
        assertThat(store.load(key, LEASE).orElseThrow().value()).isEqualTo(largest);
        byte[] larger = SampleValue.live(2, 1_000_001 - Envelope.BYTES);
        assertThatThrownBy(() -> store.replace(key, larger, version, LEASE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1000001");
        assertThatThrownBy(() -> store.create(SampleValue.key(), larger, LEASE))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
