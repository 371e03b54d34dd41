package dev.coatcheck.store.memcached;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.memcached.NodeSpec;
import dev.coatcheck.test.FaultProxy;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.SampleValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers that are killed, started again, frozen or full, seen by one store. */
class ServerFateTest {
    private static final Duration LEASE = Duration.ofMinutes(20);

    /** What a busy machine may need. Without a limit it would be for ever. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static MemcachedSessionStore open(MemcachedServer server) {
        return open(server.address(), "?timeout=3s");
    }

    private static MemcachedSessionStore open(String address, String options) {
        return MemcachedSessionStore.open("memcached://" + address + options);
    }

    private static Version create(SessionStore store, Key key) {
        return Objects.requireNonNull(
                store.create(key, SampleValue.live(1), LEASE).version());
    }

    /** The connection that this key goes by is there again. */
    private static void awaitAnswer(SessionStore store, Key key) {
        Awaitility.await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            store.load(key, LEASE);
            return true;
        });
    }

    /** A new process counts its states from 1 again, so the old number may be that of another state. */
    @Test
    void aVersionFromBeforeARestartIsNeverAcceptedAfterIt() {
        try (MemcachedServer server = MemcachedServer.start();
                SessionStore store = open(server);
                SessionStore other = open(server)) {
            Key key = SampleValue.key();
            Version before = create(store, key);
            server.restart();
            awaitAnswer(other, key);
            Version after = create(other, key);
            awaitAnswer(store, key);
            assertThat(((MemcachedVersion) after).cas())
                    .as("the numbers are the same")
                    .isEqualTo(((MemcachedVersion) before).cas());
            assertThat(store.replace(key, SampleValue.live(2), before, LEASE).outcome())
                    .isEqualTo(Outcome.CONFLICT);
            assertThat(other.replace(key, SampleValue.live(2), after, LEASE).outcome())
                    .isEqualTo(Outcome.STORED);
        }
    }

    /** Else one large session would end, at each of its requests, the connection that all others use. */
    @Test
    void whatAServerWithAHigherLimitStoredIsReadByOneWithALowerLimit() {
        try (MemcachedServer server = MemcachedServer.start();
                SessionStore high = open(server.address(), "?timeout=3s&maxValueBytes=1000000");
                SessionStore low = open(server)) {
            Key key = SampleValue.key();
            byte[] large = SampleValue.live(1, 900_000);
            assertThat(high.create(key, large, LEASE).outcome()).isEqualTo(Outcome.STORED);
            assertThat(low.load(key, LEASE))
                    .hasValueSatisfying(found -> assertThat(found.value()).isEqualTo(large));
            assertThatThrownBy(() -> low.create(SampleValue.key(), large, LEASE))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aServerThatWasRestartedEmptyHoldsNothingAndServesAgain() {
        try (MemcachedServer server = MemcachedServer.start();
                SessionStore store = open(server)) {
            Key key = SampleValue.key();
            create(store, key);
            server.restart();
            awaitAnswer(store, key);
            assertThat(store.load(key, LEASE)).isEmpty();
            Version again = create(store, key);
            assertThat(again.number()).isEqualTo(1);
        }
    }

    @Test
    void aWarmRestartKeepsSessionsAndTheirLeases(@TempDir Path folder) throws Exception {
        Path memory =
                Files.isDirectory(Path.of("/dev/shm")) ? Files.createTempDirectory(Path.of("/dev/shm"), "cc") : folder;
        Path file = memory.resolve("memory");
        try (MemcachedServer server = MemcachedServer.start("-e", file.toString(), "-m", "64");
                SessionStore store = open(server)) {
            Key key = SampleValue.key();
            Version before = create(store, key);
            server.restartWarm();
            Stored found = Awaitility.await()
                    .atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> store.load(key, LEASE).orElse(null), Objects::nonNull);
            assertThat(found.version().number()).isEqualTo(1);
            assertThat(found.idleFor()).isBetween(Duration.ofSeconds(1), Duration.ofMinutes(1));
            assertThat(store.replace(key, SampleValue.live(2), before, LEASE).outcome())
                    .as("another process: look again")
                    .isEqualTo(Outcome.CONFLICT);
            assertThat(store.replace(key, SampleValue.live(2), found.version(), LEASE)
                            .outcome())
                    .isEqualTo(Outcome.STORED);
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(memory.resolve("memory.meta"));
            if (!memory.equals(folder)) {
                Files.deleteIfExists(memory);
            }
        }
    }

    @Test
    void absencesAreNotToBeRememberedForTenSecondsAfterAServerWasAwayOrTheListHasChanged() throws Exception {
        try (MemcachedServer server = MemcachedServer.start();
                MemcachedServer added = MemcachedServer.start();
                MemcachedServer steady = MemcachedServer.start();
                SessionStore store = open(server);
                MemcachedClient client = MemcachedClient.builder()
                        .node(steady.address())
                        .timeout(Duration.ofSeconds(3))
                        .build();
                SessionStore other = MemcachedSessionStore.over(client)) {
            assertThat(store.settled()).isTrue();
            assertThat(other.settled()).isTrue();
            long change = System.nanoTime();
            client.change(List.of(NodeSpec.at(steady.address()), NodeSpec.at(added.address())));
            CompletableFuture<Duration> changed = CompletableFuture.supplyAsync(() -> untilSettled(other, change));
            long restart = System.nanoTime();
            server.restart();
            awaitAnswer(store, SampleValue.key());
            assertThat(untilSettled(store, restart)).isGreaterThanOrEqualTo(Duration.ofSeconds(10));
            assertThat(changed.get(30, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(Duration.ofSeconds(10));
        }
    }

    private static Duration untilSettled(SessionStore store, long start) {
        Awaitility.await().atMost(PATIENCE).until(store::settled);
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Test
    void aFrozenServerCostsOneTimeoutAndThenNextToNothing() {
        try (MemcachedServer server = MemcachedServer.start();
                MemcachedSessionStore store = open(server)) {
            Key key = SampleValue.key();
            Version version = create(store, key);
            server.freeze();
            long start = System.nanoTime();
            assertThat(store.replace(key, SampleValue.live(2), version, LEASE).outcome())
                    .isEqualTo(Outcome.UNKNOWN);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE);
            start = System.nanoTime();
            for (int i = 0; i < 1_000; i++) {
                assertThatThrownBy(() -> store.load(key, LEASE)).isInstanceOf(SessionUnavailableException.class);
                assertThat(store.end(SampleValue.key(), Instant.now())).isFalse();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as("2,000 calls, of which each hundredth that waits takes a minute")
                    .isLessThan(PATIENCE);
            // The other connection may be asked a moment before the first one's timeout is known.
            assertThat(store.stats().get(0).timeouts()).isBetween(1L, 2L);
            server.thaw();
            awaitAnswer(store, key);
            Awaitility.await("the late write happens")
                    .atMost(PATIENCE)
                    .until(() -> store.load(key, LEASE).orElseThrow().version().number() == 2);
        }
    }

    @Test
    void aFullServerThatRefusesIsUnavailableAndSaysSo() {
        List<SessionEvent.Kind> told = new CopyOnWriteArrayList<>();
        try (MemcachedServer server = MemcachedServer.start("-M", "-m", "8");
                SessionStore store = open(server.address(), "?timeout=3s&whenFull=refuse")) {
            store.report((kind, key) -> told.add(kind));
            Key key = SampleValue.key();
            Version version = create(store, key);
            server.fill(10_000);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100; i++) {
                            store.create(SampleValue.key(), SampleValue.live(1, 10_000), LEASE);
                        }
                    })
                    .isInstanceOf(SessionUnavailableException.class);
            assertThat(told).containsExactly(SessionEvent.Kind.DEGRADED);
            assertThat(store.load(key, LEASE)).as("what is there is read").isPresent();
            assertThat(store.end(key, Instant.now())).as("and ended").isTrue();
            assertThat(version.number()).isEqualTo(1);
        }
    }

    @Test
    void aFullServerThatEvictsForgetsAndMixesNothingUp() {
        try (MemcachedServer server = MemcachedServer.start("-m", "8");
                SessionStore store = open(server)) {
            List<Key> keys = new CopyOnWriteArrayList<>();
            List<byte[]> values = new CopyOnWriteArrayList<>();
            for (int i = 0; i < 1_500; i++) {
                keys.add(SampleValue.key());
                values.add(SampleValue.live(1, 10_000));
                assertThat(store.create(keys.get(i), values.get(i), LEASE).outcome())
                        .isEqualTo(Outcome.STORED);
            }
            int there = 0;
            for (int i = 0; i < keys.size(); i++) {
                Stored found = store.load(keys.get(i), LEASE).orElse(null);
                if (found != null) {
                    there++;
                    assertThat(found.value()).isEqualTo(values.get(i));
                }
            }
            assertThat(there).isBetween(1, 1_400);
        }
    }

    @Test
    void aSlowServerIsServedByWithinTheTimeAndCutOffAfterIt() {
        try (MemcachedServer server = MemcachedServer.start();
                FaultProxy proxy = FaultProxy.before(server);
                SessionStore store = open(proxy.address(), "?timeout=2s")) {
            Key key = SampleValue.key();
            create(store, key);
            proxy.delay(Duration.ofMillis(100));
            assertThat(store.load(key, LEASE)).isPresent();
            proxy.drip(PATIENCE.dividedBy(10));
            long start = System.nanoTime();
            assertThatThrownBy(() -> store.load(key, LEASE)).isInstanceOf(SessionUnavailableException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE);
            proxy.heal();
            awaitAnswer(store, key);
            assertThat(store.load(key, LEASE)).isPresent();
        }
    }

    /** Whoever finds the bound reached learns it at once and waits for nobody. */
    @Test
    void aSlowServerPilesUpNoMoreCallersThanAreAllowed() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(64);
        try (MemcachedServer server = MemcachedServer.start();
                FaultProxy proxy = FaultProxy.before(server);
                // One connection, so that what is asked first shows that all are there.
                SessionStore store = open(proxy.address(), "?timeout=50s&maxOperations=8&connections=1")) {
            store.load(SampleValue.key(), LEASE);
            proxy.acceptAndStaySilent();
            AtomicInteger refused = new AtomicInteger();
            List<Future<Boolean>> calls = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                calls.add(callers.submit(() -> {
                    try {
                        return store.load(SampleValue.key(), LEASE).isEmpty();
                    } catch (SessionUnavailableException e) {
                        refused.incrementAndGet();
                        return false;
                    }
                }));
            }
            Awaitility.await().atMost(PATIENCE).until(() -> refused.get() == 64 - 8);
            proxy.heal();
            int served = 0;
            for (Future<Boolean> call : calls) {
                served += call.get(30, TimeUnit.SECONDS) ? 1 : 0;
            }
            assertThat(served).isEqualTo(8);
            assertThat(refused).hasValue(64 - 8);
        } finally {
            callers.shutdownNow();
        }
    }

    @Test
    void anInterruptedCallerFailsAndHisInterruptStays() {
        try (MemcachedServer server = MemcachedServer.start();
                FaultProxy proxy = FaultProxy.before(server);
                SessionStore store = open(proxy.address(), "?timeout=3s")) {
            Key key = SampleValue.key();
            create(store, key);
            proxy.delay(Duration.ofMillis(50));
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> store.load(key, LEASE)).isInstanceOf(SessionUnavailableException.class);
            assertThat(Thread.interrupted()).isTrue();
            proxy.heal();
            for (int i = 0; i < 100; i++) {
                assertThat(store.load(key, LEASE)).isPresent();
                assertThat(store.load(SampleValue.key(), LEASE)).isEmpty();
            }
        }
    }
}
