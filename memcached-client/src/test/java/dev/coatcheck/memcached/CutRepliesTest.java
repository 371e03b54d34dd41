package dev.coatcheck.memcached;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.memcached.MemcachedException.Fate;
import dev.coatcheck.test.FaultProxy;
import dev.coatcheck.test.MemcachedServer;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of reply, cut at every byte. Many connections, since one that ends early is made anew after a pause. */
class CutRepliesTest {
    private static MemcachedServer server;
    private static FaultProxy proxy;
    private static MemcachedClient client;
    private static int turn;

    record Kind(String reply, Supplier<Command> command) {
        @Override
        public String toString() {
            return reply;
        }
    }

    @BeforeAll
    static void start() {
        server = MemcachedServer.start("-M", "-m", "2", "-I", "1m");
        proxy = FaultProxy.before(server);
        client = MemcachedClient.builder()
                .node(proxy.address())
                .connections(64)
                .timeout(Duration.ofSeconds(10))
                .build();
        awaitAll(64);
    }

    @AfterAll
    static void close() {
        client.close();
        proxy.close();
        server.close();
    }

    private static void awaitAll(long connections) {
        await().atMost(Rig.PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> client.nodes().get(0).stats().connections() == connections);
    }

    private static byte[] bytes(int length) {
        return "v".repeat(length).getBytes(UTF_8);
    }

    /** A key of its own for each, so that the faults are spread over the connections. */
    private static String key() {
        return "key" + 10_000 + turn++;
    }

    private static String present() {
        String key = key();
        server.put(key, bytes(5), Duration.ofMinutes(1));
        return key;
    }

    static Stream<Kind> kinds() {
        return Stream.of(
                new Kind(
                        "VA", () -> Command.get(present()).value().cas().flags().secondsLeft()),
                new Kind("HD of a get", () -> Command.get(present()).touch(60)),
                new Kind("HD of a set", () -> Command.set(key(), bytes(5)).expire(60)),
                new Kind("HD of a delete", () -> Command.delete(present())),
                new Kind("EN", () -> Command.get(key()).value()),
                new Kind("NF", () -> Command.delete(key())),
                new Kind("NS", () -> Command.set(present(), bytes(5)).create().expire(60)),
                new Kind(
                        "EX",
                        () -> Command.set(present(), bytes(5)).ifCas(1L << 60).expire(60)),
                new Kind(
                        "SERVER_ERROR",
                        () -> Command.set(key(), bytes(1_100_000)).expire(60)));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aReplyThatIsCutIsNoReply(Kind kind) {
        proxy.resetCounters();
        outcome(kind);
        // The proxy counts just after it has sent.
        await().atMost(Rig.PATIENCE).until(() -> proxy.bytesToClient() > 5);
        int length = (int) proxy.bytesToClient();
        for (int cut = 0; cut < length; cut++) {
            long connections = client.nodes().get(0).stats().connections();
            Command command = kind.command.get();
            proxy.cutAfter(cut);
            assertThat(Rig.fateOf(() -> client.execute(command)))
                    .as("cut after %d", cut)
                    .isEqualTo(Fate.UNKNOWN);
            awaitAll(connections + 1);
            outcome(kind);
        }
    }

    /** The next command of its kind is answered as the first was. */
    private static void outcome(Kind kind) {
        Command command = kind.command.get();
        if (kind.reply.equals("SERVER_ERROR")) {
            assertThat(Rig.fateOf(() -> client.execute(command))).isEqualTo(Fate.REFUSED);
        } else {
            assertThat(client.execute(command)).isNotNull();
        }
    }
}
