package dev.coatcheck.store.memcached;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.Envelope.Kind;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.memcached.Command;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.SampleValue;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Leases on the real server, long ones above all. */
class LeasesTest {
    private static final Duration MONTH = Duration.ofDays(30);
    private static final Duration TWO_SECONDS = Duration.ofSeconds(2);

    private static MemcachedServer server;
    private long begun = System.nanoTime();
    private final MemcachedClient client = MemcachedClient.builder()
            .node(server.address())
            .timeout(Duration.ofSeconds(5))
            .build();

    @BeforeAll
    static void startServer() {
        server = MemcachedServer.start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @AfterEach
    void close() {
        client.close();
    }

    private MemcachedSessionStore store(Clock clock) {
        return new MemcachedSessionStore(new Copies.Parts(client, "cc:", 262_144, clock), false);
    }

    private MemcachedSessionStore store() {
        return store(Clock.systemUTC());
    }

    private static Stored load(MemcachedSessionStore store, Key key, Duration lease) {
        return store.load(key, lease).orElseThrow(() -> new AssertionError("What was stored is not there"));
    }

    private static Version create(MemcachedSessionStore store, Key key, Duration lease) {
        return Objects.requireNonNull(
                store.create(key, SampleValue.live(1), lease).version());
    }

    /** How long the server keeps it, by the server's own word. */
    private long secondsLeft(Key key) {
        return client.execute(Command.get("cc:" + key.text()).secondsLeft()).secondsLeft();
    }

    private void assertWhole(Key key, Duration lease) {
        assertThat(secondsLeft(key)).isBetween(lease.minus(precision()).toSeconds(), lease.toSeconds() + 1);
    }

    private void assertUsedJustNow(MemcachedSessionStore store, Key key, Duration lease) {
        Duration idle = load(store, key, lease).idleFor();
        assertThat(idle).isLessThanOrEqualTo(precision());
    }

    /** Two seconds, and what a busy machine has taken for the test so far. */
    private Duration precision() {
        return TWO_SECONDS.plusNanos(System.nanoTime() - begun);
    }

    @Test
    void whatIsCreatedRenewedOrReplacedIsThereForItsWholeLease() {
        MemcachedSessionStore store = store();
        for (Duration lease : List.of(
                MONTH.minusSeconds(1),
                MONTH,
                MONTH.plusSeconds(1),
                MONTH.plusSeconds(2),
                Duration.ofDays(31),
                Duration.ofDays(365),
                Duration.ofDays(400))) {
            Key key = SampleValue.key();
            begun = System.nanoTime();
            Version version = create(store, key, lease);
            assertWhole(key, lease);
            assertUsedJustNow(store, key, lease);
            assertUsedJustNow(store, key, lease);
            assertWhole(key, lease);
            assertThat(store.replace(key, SampleValue.live(2), version, lease).outcome())
                    .isEqualTo(Outcome.STORED);
            assertUsedJustNow(store, key, lease);
            assertWhole(key, lease);
        }
    }

    @Test
    void clocksOfNodesAndServerThatDifferEndNoLongLease() {
        FakeClock fast = new FakeClock(Instant.now().plus(Duration.ofMinutes(5)));
        FakeClock slow = new FakeClock(Instant.now().minus(Duration.ofMinutes(5)));
        Duration lease = Duration.ofDays(90).plusSeconds(2);
        for (FakeClock writer : List.of(fast, slow)) {
            for (FakeClock reader : List.of(fast, slow)) {
                Key key = SampleValue.key();
                create(store(writer), key, lease);
                assertThat(load(store(reader), key, lease).idleFor()).isLessThan(Duration.ofMinutes(11));
            }
        }
        // A short lease is no date.
        Key key = SampleValue.key();
        begun = System.nanoTime();
        create(store(fast), key, Duration.ofMinutes(20));
        assertUsedJustNow(store(slow), key, Duration.ofMinutes(20));
    }

    @Test
    void theLastUseIsToldWithinTwoSeconds() {
        MemcachedSessionStore store = store();
        Duration lease = Duration.ofMinutes(20);
        Key key = SampleValue.key();
        begun = System.nanoTime();
        create(store, key, lease);
        long created = System.nanoTime();
        Awaitility.await()
                .until(() -> System.nanoTime() - created > Duration.ofSeconds(3).toNanos());
        Duration atLeast = Duration.ofNanos(System.nanoTime() - created).minus(TWO_SECONDS);
        Duration idle = load(store, key, lease).idleFor();
        assertThat(idle).isBetween(atLeast, precision());
    }

    /** The load has renewed it, as everything: it must not live on with it. */
    @Test
    void whatEndsAKeyGetsItsOwnEndBack() {
        MemcachedSessionStore store = store();
        Instant end = Instant.now().plusSeconds(60);
        for (Kind kind : List.of(Kind.FORWARD, Kind.MARKER)) {
            Key key = SampleValue.key();
            Version version = create(store, key, MONTH);
            store.replace(key, SampleValue.terminal(kind, end.plusSeconds(3_600)), version, Duration.ofSeconds(60));
            assertThat(load(store, key, MONTH).version().number()).isEqualTo((1 << 20) - 1);
            assertThat(secondsLeft(key)).as("%s, by its lease", kind).isBetween(30L, 60L);
            Key other = SampleValue.key();
            store.replace(other, SampleValue.terminal(kind, end), create(store, other, MONTH), Duration.ofHours(1));
            load(store, other, MONTH);
            assertThat(secondsLeft(other)).as("%s, by its end", kind).isBetween(30L, 60L);
        }
    }

    @Test
    void aTombstoneIsAbsentAndKeepsItsEndAsDoesTheMarkOfAMove() {
        MemcachedSessionStore store = store();
        for (Kind kind : List.of(Kind.TOMB, Kind.MOVED)) {
            Key key = SampleValue.key();
            Instant end = Instant.now().plus(Duration.ofHours(12));
            store.create(key, SampleValue.terminal(kind, end), Duration.ofHours(12));
            if (kind == Kind.TOMB) {
                assertThat(store.load(key, Duration.ofMinutes(20))).isEmpty();
            } else {
                assertThatThrownBy(() -> store.load(key, Duration.ofMinutes(20)))
                        .isInstanceOf(SessionUnavailableException.class)
                        .hasMessageContaining("moved");
            }
            assertThat(secondsLeft(key)).isBetween(43_200 - 60L, 43_200L);
            assertThat(store.create(key, SampleValue.live(1), MONTH).outcome()).isEqualTo(Outcome.EXISTS);
        }
    }

    @Test
    void whatIsPastItsEndIsDeletedWhenItIsMet() {
        MemcachedSessionStore store = store();
        for (Kind kind : List.of(Kind.FORWARD, Kind.MARKER, Kind.TOMB, Kind.MOVED)) {
            Key key = SampleValue.key();
            Instant end = Instant.now().minusSeconds(1);
            store.create(key, SampleValue.terminal(kind, end), Duration.ofHours(12));
            assertThat(store.load(key, MONTH)).as("%s", kind).isEmpty();
            assertThat(server.keys()).doesNotContain("cc:" + key.text());
        }
    }
}
