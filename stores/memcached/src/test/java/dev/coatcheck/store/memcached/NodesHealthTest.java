package dev.coatcheck.store.memcached;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.StoreHealth;
import dev.coatcheck.StoreHealth.Part;
import dev.coatcheck.StoreHealth.State;
import dev.coatcheck.StoreHealth.Trouble;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.SampleValue;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What the health of the nodes says, of real servers in every state. */
class NodesHealthTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration LEASE = Duration.ofMinutes(20);

    private static MemcachedSessionStore open(String nodes, String... options) {
        return MemcachedSessionStore.open(
                "memcached://" + nodes + "?timeout=3s" + (options.length == 0 ? "" : "&" + String.join("&", options)));
    }

    private static Part part(SessionStore store) {
        StoreHealth health = store.health();
        assertThat(health.parts()).hasSize(1);
        return health.parts().get(0);
    }

    @Test
    void aServerThatIsWellIsUpWithItsFigures() {
        try (MemcachedServer server = MemcachedServer.start("-m", "64");
                MemcachedSessionStore store = open(server.address())) {
            Part part = part(store);
            assertThat(part.name()).isEqualTo("memcached " + server.address());
            assertThat(part.state()).isEqualTo(State.UP);
            assertThat(part.troubles()).isEmpty();
            assertThat(part.reason()).isEmpty();
            assertThat(part.figures())
                    .containsEntry("evictions", 0L)
                    .containsEntry("refused", 0L)
                    .containsEntry("limitBytes", 64L << 20)
                    .containsEntry("foreign", 0L)
                    .doesNotContainKey("evictedUnusedSeconds");
            assertThat(server.keys()).as("nothing is written").isEmpty();
        }
    }

    @Test
    void theFiguresAreThoseThatTheServerHasCounted() {
        try (MemcachedServer server = MemcachedServer.start();
                MemcachedSessionStore store = open(server.address())) {
            store.create(SampleValue.key(), SampleValue.live(1), LEASE);
            store.create(SampleValue.key(), SampleValue.live(1), LEASE);
            // A connection that was for an earlier question may be counted for a moment, and a second may end in
            // between.
            await().atMost(PATIENCE).untilAsserted(() -> {
                Map<String, Long> figures = part(store).figures();
                Map<String, String> stats = server.stats();
                assertThat(stats).containsEntry("curr_items", "2");
                for (Map.Entry<String, String> figure : Map.of(
                                "items", "curr_items",
                                "bytes", "bytes",
                                "connections", "curr_connections",
                                "uptimeSeconds", "uptime",
                                "limitBytes", "limit_maxbytes")
                        .entrySet()) {
                    assertThat(figures).containsEntry(figure.getKey(), Long.parseLong(stats.get(figure.getValue())));
                }
            });
        }
    }

    @Test
    void whatWasRefusedBeforeTheStoreWasOpenedIsTheServersAlone() {
        try (MemcachedServer server = MemcachedServer.start("-m", "8", "-M")) {
            server.fill(10_000);
            long before = refusedBy(server);
            assertThat(before).isPositive();
            try (MemcachedSessionStore store = open(server.address(), "whenFull=refuse")) {
                Map<String, Long> figures = part(store).figures();
                long ofServer = figures.get("refusedOfServer");
                assertThat(ofServer).isBetween(before, refusedBy(server));
                assertThat(figures).containsEntry("refused", ofServer - before);
            }
        }
    }

    private static long refusedBy(MemcachedServer server) {
        return Long.parseLong(server.stats().get("store_no_memory"));
    }

    @Test
    void evictionsRaiseTheGaugeAndTheTrouble() {
        try (MemcachedServer server = MemcachedServer.start("-m", "8");
                MemcachedSessionStore store = open(server.address())) {
            assertThat(part(store).state()).isEqualTo(State.UP);
            for (int i = 0; i < 1_500; i++) {
                assertThat(store.create(SampleValue.key(), SampleValue.live(1, 10_000), LEASE)
                                .outcome())
                        .isEqualTo(SessionStore.Outcome.STORED);
            }
            Part part = part(store);
            assertThat(part.state()).isEqualTo(State.DEGRADED);
            assertThat(part.troubles()).containsExactly(Trouble.EVICTS);
            assertThat(part.reason()).contains("throws out live sessions");
            long evictions = Long.parseLong(server.stats().get("evictions"));
            assertThat(evictions).isPositive();
            assertThat(part.figures())
                    .containsEntry("evictions", evictions)
                    .containsEntry("evictionsOfServer", evictions)
                    .containsKey("evictedUnusedSeconds");
            assertThat(store.health().state()).isEqualTo(State.DEGRADED);
        }
    }

    /** What a restarted server counts anew is added, and what was counted before this store is not. */
    @Test
    void theAlarmEndsFiveMinutesAfterTheLastEviction() {
        AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
        try (MemcachedServer server = MemcachedServer.start("-m", "8")) {
            server.fill(10_000);
            long before = Long.parseLong(server.stats().get("evictions"));
            assertThat(before).isPositive();
            try (MemcachedClient client = MemcachedClient.builder()
                    .node("mc", server.address())
                    .timeout(Duration.ofSeconds(3))
                    .build()) {
                await().atMost(PATIENCE).until(client.nodes().get(0)::isUp);
                NodesHealth health = new NodesHealth(client, "cc:", nanos::get);
                Part first = health.first(PATIENCE).parts().get(0);
                assertThat(first.troubles()).isEmpty();
                assertThat(first.figures()).containsEntry("evictions", 0L).containsEntry("evictionsOfServer", before);
                server.fill(10_000, 500);
                long after = Long.parseLong(server.stats().get("evictions"));
                assertThat(health.look().parts().get(0).figures()).containsEntry("evictions", after - before);
                nanos.addAndGet(Duration.ofSeconds(299).toNanos());
                assertThat(health.look().has(Trouble.EVICTS)).isTrue();
                nanos.addAndGet(Duration.ofSeconds(2).toNanos());
                Part quiet = health.look().parts().get(0);
                assertThat(quiet.troubles()).isEmpty();
                assertThat(quiet.figures()).containsEntry("evictions", after - before);
                server.restart();
                server.fill(10_000);
                long anew = Long.parseLong(server.stats().get("evictions"));
                await().atMost(PATIENCE)
                        .untilAsserted(
                                () -> assertThat(health.look().parts().get(0).figures())
                                        .containsEntry("evictions", after - before + anew));
                assertThat(health.look().has(Trouble.EVICTS)).isTrue();
            }
        }
    }

    @Test
    void aFullServerThatRefusesIsShownWithoutTraffic() {
        try (MemcachedServer server = MemcachedServer.start("-m", "8", "-M");
                MemcachedSessionStore store = open(server.address(), "whenFull=refuse")) {
            assertThat(part(store).troubles()).isEmpty();
            server.fill(1_000);
            Part part = part(store);
            assertThat(part.state()).isEqualTo(State.DEGRADED);
            assertThat(part.troubles()).containsExactly(Trouble.REFUSES_WRITES);
            assertThat(part.reason()).contains("refuses writes");
            assertThat(part.figures().get("refused")).isPositive();
            assertThat(part.figures()).containsEntry("evictions", 0L);
        }
    }

    /** Of another size than what is tried here: by what the server counts. */
    @Test
    void writesThatWereRefusedLatelyAreShown() {
        try (MemcachedServer server = MemcachedServer.start("-m", "8", "-M");
                MemcachedSessionStore store = open(server.address(), "whenFull=refuse")) {
            assertThat(part(store).troubles()).isEmpty(); // the size that is tried has room from now on
            server.fill(10_000);
            assertThat(part(store).troubles()).containsExactly(Trouble.REFUSES_WRITES);
        }
    }

    @Test
    void thatWritesWereRefusedIsForgottenAfterFiveMinutes() {
        AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
        try (MemcachedServer server = MemcachedServer.start("-m", "8", "-M");
                MemcachedClient client = MemcachedClient.builder()
                        .node("mc", server.address())
                        .timeout(Duration.ofSeconds(3))
                        .build()) {
            await().atMost(PATIENCE).until(client.nodes().get(0)::isUp);
            NodesHealth health = new NodesHealth(client, "cc:", nanos::get);
            assertThat(health.look().state()).isEqualTo(State.UP); // the size that is tried has room from now on
            server.fill(10_000);
            assertThat(health.look().has(Trouble.REFUSES_WRITES)).isTrue();
            nanos.addAndGet(Duration.ofSeconds(299).toNanos());
            assertThat(health.look().has(Trouble.REFUSES_WRITES)).isTrue();
            nanos.addAndGet(Duration.ofSeconds(2).toNanos());
            assertThat(health.look().state()).isEqualTo(State.UP);
        }
    }

    @Test
    void aNodeThatIsKilledIsDownAndTheOthersAreUp() {
        try (MemcachedServer one = MemcachedServer.start();
                MemcachedServer other = MemcachedServer.start();
                MemcachedSessionStore store = open(one.address() + "," + other.address())) {
            assertThat(store.health().state()).isEqualTo(State.UP);
            other.kill();
            StoreHealth health = store.health();
            assertThat(health.state()).isEqualTo(State.DEGRADED);
            assertThat(health.has(Trouble.AWAY)).isTrue();
            assertThat(health.parts().get(0).state()).isEqualTo(State.UP);
            assertThat(health.parts().get(1).state()).isEqualTo(State.DOWN);
            assertThat(health.parts().get(1).reason()).contains(other.address());
            one.kill();
            assertThat(store.health().state()).isEqualTo(State.DOWN);
            one.restart();
            other.restart();
            await().atMost(PATIENCE).until(() -> store.health().state() == State.UP);
        }
    }

    @Test
    void aFrozenNodeIsDownWithinTheTimeout() {
        try (MemcachedServer server = MemcachedServer.start();
                MemcachedSessionStore store = MemcachedSessionStore.open("memcached://" + server.address())) {
            server.freeze();
            long begin = System.nanoTime();
            assertThat(store.health().state()).isEqualTo(State.DOWN);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
            server.thaw();
        }
    }

    @Test
    void somebodyElsesItemsAreSaidAndNoTrouble() {
        try (MemcachedServer server = MemcachedServer.start();
                MemcachedSessionStore store = open(server.address())) {
            store.create(SampleValue.key(), SampleValue.live(1), LEASE);
            server.fill(500, 10);
            await().atMost(PATIENCE).until(() -> part(store).figures().get("foreign") > 0);
            Part part = part(store);
            assertThat(part.reason()).contains("somebody else uses it too").doesNotContain("elsewhere");
            assertThat(part.state()).isEqualTo(State.UP);
        }
    }

    /** Of no other key than ours, and yet of somebody else: Coatcheck never counts. */
    @Test
    void aCommandThatCountsIsSomebodyElses() throws IOException {
        try (MemcachedServer server = MemcachedServer.start();
                MemcachedSessionStore store = open(server.address())) {
            try (Socket other = new Socket(server.host(), server.port())) {
                other.getOutputStream().write("incr cc:visits 1\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(new String(other.getInputStream().readNBytes(9), StandardCharsets.US_ASCII))
                        .isEqualTo("NOT_FOUND");
            }
            assertThat(part(store).figures()).containsEntry("foreign", 1L);
        }
    }

    @Test
    void aNodeThatTakesNoMoreConnectionsServesAndIsUnclear() throws IOException {
        List<Socket> others = new ArrayList<>();
        try (MemcachedServer server = MemcachedServer.start("-c", "64");
                MemcachedSessionStore store = open(server.address())) {
            Key key = SampleValue.key();
            store.create(key, SampleValue.live(1), LEASE);
            assertThat(part(store).state()).isEqualTo(State.UP);
            for (int i = 0; i < 64; i++) {
                others.add(new Socket(server.host(), server.port()));
            }
            Part part = part(store);
            assertThat(part.troubles()).containsExactly(Trouble.UNCLEAR);
            assertThat(part.state()).isEqualTo(State.DEGRADED);
            assertThat(part.reason()).contains("gives no statistics");
            assertThat(store.load(key, LEASE)).isPresent();
        } finally {
            for (Socket other : others) {
                other.close();
            }
        }
    }

    /** It serves gets and sets; only its statistics are not to be had. */
    @Test
    void aNodeThatAnswersWithoutStatisticsIsUnclear() {
        UnaryOperator<String> answers = line -> {
            if (line.equals("version")) {
                return "VERSION 1.6.18\r\n";
            } else if (line.equals("stats")) {
                return "STAT pid 7\r\nSTAT uptime 1\r\nSTAT time 2\r\nEND\r\n";
            } else if (line.startsWith("stats")) {
                return "END\r\n";
            }
            String[] words = line.split(" ");
            return "EN k" + words[1] + " " + words[words.length - 1] + "\r\n";
        };
        try (ScriptedServer server = new ScriptedServer(answers);
                MemcachedSessionStore store = open(server.address())) {
            Part part = part(store);
            assertThat(part.troubles()).containsExactly(Trouble.UNCLEAR);
            assertThat(part.reason()).contains("gives no statistics");
        }
    }

    @Test
    void aClosedStoreIsDown() {
        try (MemcachedServer server = MemcachedServer.start()) {
            MemcachedSessionStore store = open(server.address());
            store.close();
            assertThat(store.health().state()).isEqualTo(State.DOWN);
        }
    }

    @Test
    void noPasswordIsShown() {
        try (MemcachedServer server = MemcachedServer.start()) {
            server.kill();
            try (MemcachedSessionStore store = MemcachedSessionStore.open(
                    "memcached://somebody:canary-password@" + server.address() + "?timeout=100ms")) {
                assertThat(store.health().toString()).contains("DOWN").doesNotContain("canary", "somebody");
            }
        }
    }
}
