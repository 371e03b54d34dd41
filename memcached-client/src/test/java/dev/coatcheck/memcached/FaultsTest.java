package dev.coatcheck.memcached;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.memcached.MemcachedException.Fate;
import dev.coatcheck.memcached.Reply.Status;
import dev.coatcheck.test.MemcachedServer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a network can do to a conversation, one fault a test. */
class FaultsTest {
    private static MemcachedServer server;

    private Rig rig;

    @BeforeAll
    static void startServer() {
        server = MemcachedServer.start();
    }

    @AfterAll
    static void closeServer() {
        server.close();
    }

    @BeforeEach
    void start() {
        server.flush();
        server.put("k", "value".getBytes(UTF_8), Duration.ofMinutes(1));
        rig = Rig.before(server);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static Command get() {
        return Command.get("k").value();
    }

    private static Command set() {
        return Command.set("new", "value".getBytes(UTF_8)).expire(60);
    }

    /** Until commands that begin so have been sent. */
    private void awaitRequests(String... begun) {
        await().atMost(Rig.PATIENCE)
                .until(() -> Stream.of(begun)
                        .allMatch(start -> rig.proxy.requests().stream().anyMatch(line -> line.startsWith(start))));
    }

    private void recovers() {
        long before = rig.proxy.connections();
        rig.proxy.heal();
        rig.awaitHealth();
        assertThat(rig.client.execute(get()).value()).asString(UTF_8).isEqualTo("value");
        assertThat(rig.proxy.connections()).isGreaterThanOrEqualTo(before);
        assertThat(rig.node.stats().connections())
                .as("another connection than the one with the fault")
                .isGreaterThan(1);
    }

    @Test
    void withoutAFault() {
        rig.proxy.resetCounters();
        assertThat(rig.client.execute(get()).value()).asString(UTF_8).isEqualTo("value");
        assertThat(rig.client.execute(Command.get("none")).status()).isEqualTo(Status.ABSENT);
        assertThat(rig.node.stats())
                .returns(1L, NodeStats::hits)
                .returns(1L, NodeStats::misses)
                .returns(2L, NodeStats::operations)
                .returns(1L, NodeStats::connections)
                .returns(2L, stats -> stats.latencies().count());
        // The proxy counts just after it has sent.
        await().atMost(Rig.PATIENCE)
                .untilAsserted(() -> assertThat(rig.node.stats())
                        .returns(rig.proxy.bytesToServer(), NodeStats::bytesSent)
                        .returns(rig.proxy.bytesToClient(), NodeStats::bytesReceived));
    }

    @Test
    void refuse() {
        rig.proxy.refuse();
        rig.awaitDown();
        assertThat(rig.fateOf(get())).isEqualTo(Fate.NOT_SENT);
        assertThat(rig.fateOf(set())).isEqualTo(Fate.NOT_SENT);
        recovers();
        assertThat(server.get("new")).isEmpty();
        rig.awaitEvents(NodeEvent.Kind.UP, NodeEvent.Kind.DOWN, NodeEvent.Kind.UP);
    }

    @Test
    void acceptAndStaySilent() {
        rig.proxy.acceptAndStaySilent();
        assertThat(rig.fateOf(set())).isEqualTo(Fate.UNKNOWN);
        rig.awaitDown();
        assertThat(rig.fateOf(get())).isEqualTo(Fate.NOT_SENT);
        assertThat(rig.node.stats().timeouts()).isEqualTo(1);
        recovers();
        // What was sent before the silence happens after it, which is why its fate is unknown.
        await().atMost(Rig.PATIENCE).until(() -> server.get("new").isPresent());
        rig.awaitEvents(NodeEvent.Kind.UP, NodeEvent.Kind.DOWN, NodeEvent.Kind.UP);
    }

    @Test
    void delayWithinTheTimeAllowed() {
        rig.proxy.delay(Duration.ofMillis(60));
        assertThat(rig.client.execute(get()).value()).asString(UTF_8).isEqualTo("value");
        assertThat(rig.node.stats().latencies().quantile(1)).isGreaterThan(Duration.ofMillis(60));
        assertThat(rig.node.stats().connections()).isEqualTo(1);
    }

    @Test
    void delayBeyondTheTimeAllowed() {
        rig.proxy.delay(Rig.TIMEOUT.multipliedBy(2));
        assertThat(rig.fateOf(get())).isEqualTo(Fate.UNKNOWN);
        recovers();
    }

    @Test
    void dripWithinTheTimeAllowed() {
        rig.proxy.drip(Duration.ofMillis(1));
        assertThat(rig.node.execute(get(), Duration.ofSeconds(5)).value())
                .asString(UTF_8)
                .isEqualTo("value");
        assertThat(rig.node.stats().connections()).isEqualTo(1);
    }

    /** Bytes keep coming, and yet the whole has one deadline. */
    @Test
    void dripBeyondTheTimeAllowed() {
        rig.proxy.drip(Duration.ofMillis(200));
        assertThat(rig.fateOf(get())).isEqualTo(Fate.UNKNOWN);
        rig.awaitDown();
        recovers();
    }

    @Test
    void garble() {
        for (int seed = 0; seed < 12; seed++) {
            rig.proxy.garble(seed);
            assertThat(rig.fateOf(Command.get("k"))).as(rig.proxy.toString()).isEqualTo(Fate.UNKNOWN);
            rig.proxy.heal();
            rig.awaitHealth();
        }
        recovers();
    }

    @Test
    void swapReplies() {
        rig.proxy.acceptAndStaySilent();
        CompletableFuture<Reply> first = rig.client.submit(get());
        CompletableFuture<Reply> second = rig.client.submit(Command.get("none").value());
        awaitRequests("mg k ", "mg none ");
        rig.proxy.swapReplies();
        assertThat(Stream.of(first, second).map(Rig::fateOf)).containsOnly(Fate.UNKNOWN);
        recovers();
    }

    @Test
    void duplicateReply() throws Exception {
        rig.proxy.acceptAndStaySilent();
        CompletableFuture<Reply> first = rig.client.submit(get());
        CompletableFuture<Reply> second = rig.client.submit(Command.get("none").value());
        awaitRequests("mg k ", "mg none ");
        rig.proxy.duplicateReply();
        assertThat(Rig.result(first).value()).asString(UTF_8).isEqualTo("value");
        assertThat(Rig.fateOf(second)).isEqualTo(Fate.UNKNOWN);
        recovers();
    }

    @Test
    void duplicateReplyWhileNothingElseIsAskedFor() {
        rig.proxy.duplicateReply();
        assertThat(rig.client.execute(get()).value()).asString(UTF_8).isEqualTo("value");
        await().atMost(Rig.PATIENCE).until(() -> rig.node.stats().connections() > 1);
        recovers();
    }

    @Test
    void closeInReply() {
        rig.proxy.closeInReply();
        assertThat(rig.fateOf(get())).isEqualTo(Fate.UNKNOWN);
        recovers();
    }

    @Test
    void dropReplies() {
        rig.proxy.dropReplies();
        assertThat(rig.fateOf(set())).isEqualTo(Fate.UNKNOWN);
        await("it happened").atMost(Rig.PATIENCE).until(() -> server.get("new").isPresent());
        recovers();
    }

    @Test
    void loseRequests() {
        rig.proxy.loseRequests();
        assertThat(rig.fateOf(set())).isEqualTo(Fate.UNKNOWN);
        recovers();
        assertThat(server.get("new")).as("it did not happen").isEmpty();
    }

    /** Others get their answers when one caller allows less time than an answer takes. */
    @Test
    void aCallerInAHurryEndsNothingForOthers() throws Exception {
        rig.close();
        rig = Rig.before(server, settings -> settings.timeout(Duration.ofSeconds(20)));
        rig.proxy.delay(Rig.PATIENCE);
        CompletableFuture<Reply> patient = rig.client.submit(get());
        assertThat(Rig.fateOf(() -> rig.node.execute(get(), Duration.ofMillis(5))))
                .isIn(Fate.UNKNOWN, Fate.NOT_SENT);
        assertThat(Rig.fateOf(() -> rig.node.execute(get(), Duration.ZERO))).isIn(Fate.UNKNOWN, Fate.NOT_SENT);
        rig.proxy.heal();
        assertThat(Rig.result(patient).value()).asString(UTF_8).isEqualTo("value");
        assertThat(rig.client.execute(get()).value()).asString(UTF_8).isEqualTo("value");
        rig.awaitIdle();
        assertThat(rig.node.stats().connections()).isEqualTo(1);
        rig.awaitEvents(NodeEvent.Kind.UP);
    }

    @Test
    void aServerThatAnswersNoCallerInAHurryIsFoundToBeSilent() {
        rig.proxy.dropReplies();
        // It may not even be sent within so little time, which would say nothing of the server.
        await().atMost(Rig.PATIENCE)
                .until(() -> Rig.fateOf(() -> rig.node.execute(get(), Duration.ofMillis(20))) == Fate.UNKNOWN);
        rig.awaitDown();
        recovers();
    }
}
