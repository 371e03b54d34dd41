package dev.coatcheck.memcached;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.test.MemcachedServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server says of itself when it is asked, and what it may say instead. */
class ServerStatsTest {
    private static ServerStats ask(MemcachedNode node) throws Exception {
        return node.serverStats("mine:", Duration.ofSeconds(10)).get(20, TimeUnit.SECONDS);
    }

    private static Throwable failure(MemcachedNode node, Duration timeout) {
        Throwable thrown =
                catchThrowable(() -> node.serverStats("mine:", timeout).get(20, TimeUnit.SECONDS));
        assertThat(thrown).isInstanceOf(ExecutionException.class);
        return thrown.getCause();
    }

    private static Command set(String key, int bytes) {
        return Command.set(key, new byte[bytes]).expire(1_000);
    }

    @Test
    void aFreshServersFigures() throws Exception {
        try (MemcachedServer server = MemcachedServer.start("-m", "64", "-c", "100");
                Rig rig = Rig.before(server)) {
            rig.client.execute(set("mine:1", 100));
            ServerStats stats = ask(rig.node);
            assertThat(stats.server()).isEqualTo(rig.node.server());
            assertThat(stats.items()).isOne();
            assertThat(stats.bytes()).isBetween(100L, 300L);
            assertThat(stats.limitBytes()).isEqualTo(64L << 20);
            assertThat(stats.connections()).isBetween(2L, 10L);
            assertThat(stats.maxConnections()).isEqualTo(100);
            assertThat(stats.uptime()).isLessThan(Duration.ofMinutes(10));
            assertThat(stats.evictions()).isZero();
            assertThat(stats.evictedUnused()).isNull();
            assertThat(stats.refused()).isZero();
            assertThat(stats.flushes()).isZero();
        }
    }

    @Test
    void evictionsAreOfLiveItemsAlone() throws Exception {
        try (MemcachedServer server = MemcachedServer.start("-m", "8");
                Rig rig = Rig.before(server)) {
            for (int i = 0; i < 3_000; i++) {
                rig.client.execute(set("mine:" + i, 10_000));
            }
            ServerStats stats = ask(rig.node);
            assertThat(stats.evictions()).isEqualTo(3_000 - stats.items()).isPositive();
            assertThat(stats.evictedUnused()).isNotNull().isLessThan(Duration.ofMinutes(5));
            server.flush();
            long flushed = ask(rig.node).evictions();
            for (int i = 0; i < 200; i++) {
                rig.client.execute(set("mine:again" + i, 10_000));
            }
            ServerStats after = ask(rig.node);
            assertThat(after.evictions())
                    .as("what is no longer live makes room for nothing")
                    .isEqualTo(flushed);
            assertThat(after.flushes()).isOne();
        }
    }

    @Test
    void refusedWritesAreCountedByTheServer() throws Exception {
        try (MemcachedServer server = MemcachedServer.start("-m", "8", "-M");
                Rig rig = Rig.before(server)) {
            server.fill(10_000);
            ServerStats stats = ask(rig.node);
            assertThat(stats.refused()).isPositive();
            assertThat(stats.evictions()).isZero();
            assertThat(stats.server().evicts()).isFalse();
        }
    }

    /** Once the server has moved them to where it shows them, which it does in a second or so. */
    @Test
    void keysOfSomebodyElseAreForeign() throws Exception {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = Rig.before(server)) {
            for (int i = 0; i < 10; i++) {
                rig.client.execute(set("mine:" + i, 100));
            }
            await().atMost(Rig.PATIENCE).until(() -> ask(rig.node).sampledKeys() == 10);
            assertThat(ask(rig.node).foreignKeys()).isZero();
            assertThat(ask(rig.node).isShared()).isFalse();
            server.fill(5_000, 30);
            await().atMost(Rig.PATIENCE).until(() -> ask(rig.node).foreignKeys() > 0);
            ServerStats stats = ask(rig.node);
            assertThat(stats.foreignKeys()).as("a few of each size").isBetween(1, 20);
            assertThat(stats.isShared()).isTrue();
        }
    }

    /** Our commands are none of these, and gets and sets of others cannot be told from ours. */
    @Test
    void commandsThatCountAreSomebodyElses() throws Exception {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = Rig.before(server)) {
            rig.client.execute(set("mine:1", 100));
            rig.client.execute(Command.get("mine:1").value().touch(100));
            rig.client.execute(Command.get("mine:1"));
            rig.client.execute(Command.get("mine:2").touch(100).claim(5));
            rig.client.execute(Command.delete("mine:1"));
            assertThat(ask(rig.node).counters()).isZero();
            send(server, "incr visits 1\r\n", "NOT_FOUND");
            assertThat(ask(rig.node).counters()).isOne();
            assertThat(ask(rig.node).isShared()).isTrue();
        }
    }

    private static void send(MemcachedServer server, String command, String answer) throws IOException {
        try (Socket socket = new Socket(server.host(), server.port())) {
            socket.getOutputStream().write(command.getBytes(ISO_8859_1));
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
            assertThat(in.readLine()).isEqualTo(answer);
        }
    }

    @Test
    void aServerThatShowsNoKeysStillHasFigures() throws Exception {
        try (MemcachedServer server = MemcachedServer.start("-X");
                Rig rig = Rig.before(server)) {
            server.fill(100, 5);
            ServerStats stats = ask(rig.node);
            assertThat(stats.items()).isEqualTo(5);
            assertThat(stats.sampledKeys()).isZero();
            assertThat(stats.foreignKeys()).isZero();
        }
    }

    @Test
    void theSharedConnectionsAreNotUsed() throws Exception {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = Rig.before(server)) {
            NodeStats before = rig.node.stats();
            String connections = server.stats().get("curr_connections");
            for (int i = 0; i < 5; i++) {
                ask(rig.node);
            }
            NodeStats after = rig.node.stats();
            assertThat(after.connections()).isEqualTo(before.connections());
            assertThat(after.operations()).isEqualTo(before.operations());
            await().atMost(Rig.PATIENCE)
                    .untilAsserted(() -> assertThat(server.stats().get("curr_connections"))
                            .as("each was closed again")
                            .isEqualTo(connections));
        }
    }

    @Test
    void aServerThatIsAwayIsSaidInTime() {
        MemcachedServer server = MemcachedServer.start();
        try (Rig rig = Rig.before(server)) {
            server.freeze();
            long begin = System.nanoTime();
            assertThat(failure(rig.node, Duration.ofMillis(200)))
                    .isInstanceOf(MemcachedException.class)
                    .hasMessageContaining("mc gives no statistics: no answer in time");
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isBetween(Duration.ofMillis(190), Duration.ofSeconds(5));
            server.thaw();
            server.kill();
            assertThat(failure(rig.node, Duration.ofSeconds(10))).isInstanceOf(MemcachedException.class);
            await().atMost(Rig.PATIENCE)
                    .until(() -> Rig.threads().stream().noneMatch(name -> name.endsWith("inquiry")));
        } finally {
            server.close();
        }
    }

    @Test
    void aClosedClientAsksNobody() {
        MemcachedServer server = MemcachedServer.start();
        Rig rig = Rig.before(server);
        rig.close();
        assertThat(failure(rig.node, Duration.ofSeconds(10))).isInstanceOf(MemcachedException.class);
        server.close();
    }

    // What is no memcached, or not a good one.

    private static final String GENERAL = lines(
            "STAT pid 7",
            "STAT uptime 10",
            "STAT time 1010",
            "STAT curr_connections 2",
            "STAT max_connections 100",
            "STAT curr_items 3",
            "STAT bytes 300",
            "STAT limit_maxbytes 1000",
            "STAT evictions 5");
    private static final String ITEMS = lines(
            "STAT items:4:number 3",
            "STAT items:4:evicted 5",
            "STAT items:4:evicted_time 77",
            "STAT items:9:evicted_time 1");
    private static final String KEYS = lines("ITEM mine:1 [1 b; 0 s]", "ITEM yours [1 b; 0 s]");

    private static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\nEND\r\n";
    }

    private final Map<String, String> answers = new ConcurrentHashMap<>(Map.of(
            "version",
            "VERSION 1.6.18\r\n",
            "stats",
            GENERAL,
            "stats settings",
            "STAT item_size_max 2097152\r\nEND\r\n",
            "stats items",
            ITEMS,
            "stats cachedump 4 20",
            KEYS));

    private interface Check {
        void on(MemcachedNode node) throws Exception;
    }

    private void against(Check check) throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                MemcachedClient client = MemcachedClient.builder()
                        .node("mc", "127.0.0.1:" + listener.getLocalPort())
                        .connections(1)
                        .build()) {
            daemon(() -> {
                while (!listener.isClosed()) {
                    try {
                        Socket socket = listener.accept();
                        daemon(() -> talk(socket));
                    } catch (IOException e) {
                        return; // the test is over
                    }
                }
            });
            check.on(client.nodes().get(0));
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "scripted server");
        thread.setDaemon(true);
        thread.start();
    }

    private void talk(Socket socket) {
        try (socket) {
            OutputStream out = socket.getOutputStream();
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.write(answers.getOrDefault(line, "").getBytes(ISO_8859_1));
            }
        } catch (IOException gone) {
            // The client has hung up.
        }
    }

    private void fails(String... said) throws Exception {
        against(node -> assertThat(failure(node, Duration.ofSeconds(20)))
                .isInstanceOf(MemcachedException.class)
                .hasMessageContainingAll(said)
                .hasNoCause());
    }

    @Test
    void whatIsNeededIsEnough() throws Exception {
        against(node -> {
            ServerStats stats = ask(node);
            assertThat(stats.evictions()).isEqualTo(5);
            assertThat(stats.evictedUnused()).isEqualTo(Duration.ofSeconds(77));
            assertThat(stats.sampledKeys()).isEqualTo(2);
            assertThat(stats.foreignKeys()).isOne();
            assertThat(stats.refused()).isZero();
        });
    }

    @Test
    void anOldServer() throws Exception {
        answers.put("version", "VERSION 1.5.6\r\n");
        fails("memcached 1.5.6", "1.6.18 or later");
    }

    @Test
    void noMemcachedAtAll() throws Exception {
        answers.put("version", "HTTP/1.1 400 Bad Request\r\n\r\n");
        fails("no memcached");
    }

    @ParameterizedTest
    @ValueSource(strings = {"99999999999999999999", "-1", "0x10", "", "1 2", "1e3"})
    void whatIsNoNumberOfTheirs(String number) throws Exception {
        answers.put("stats", GENERAL.replace("evictions 5", "evictions " + number));
        fails("no number named 'evictions'");
    }

    @Test
    void answersInAnotherOrder() throws Exception {
        answers.put("stats items", GENERAL);
        fails("something else than items");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "STAT items:64:number 1\r\nEND\r\n",
                "STAT items:-1:number 1\r\nEND\r\n",
                "STAT items:4:number 99999999999999999999\r\nEND\r\n",
                "STAT items::number 1\r\nEND\r\n",
                "ERROR\r\n",
                "ITEM mine:1 [1 b; 0 s]\r\nEND\r\n"
            })
    void itemsThatAreNone(String answer) throws Exception {
        answers.put("stats items", answer);
        against(node -> assertThat(failure(node, Duration.ofSeconds(20))).isInstanceOf(MemcachedException.class));
    }

    @Test
    void statisticsOfItemsWithoutEnd() throws Exception {
        answers.put("stats items", "STAT items:1:number 1\r\n".repeat(100_000));
        fails("No statistics of items");
    }

    @Test
    void aLineWithoutEnd() throws Exception {
        answers.put("stats items", "STAT items:1:number " + "1".repeat(1 << 20));
        fails("A line of more than 4096 bytes");
    }

    @Test
    void silenceInTheMiddle() throws Exception {
        answers.put("stats items", "STAT items:1:number 1\r\n");
        against(node -> assertThat(failure(node, Duration.ofSeconds(1))).hasMessageContaining("no answer in time"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CLIENT_ERROR stats cachedump not allowed\r\n",
                "ITEM  two blanks [1 b; 0 s]\r\nEND\r\n",
                "ITEM\r\nEND\r\n",
                "STAT a 1\r\nEND\r\n",
                "no end of a line\nEND\r\n"
            })
    void keysThatAreNotShownAreNotCounted(String answer) throws Exception {
        answers.put("stats cachedump 4 20", answer);
        against(node -> {
            ServerStats stats = ask(node);
            assertThat(stats.evictions()).isEqualTo(5);
            assertThat(stats.sampledKeys()).isZero();
            assertThat(stats.foreignKeys()).isZero();
        });
    }

    @Test
    void keysWithoutEnd() throws Exception {
        answers.put("stats cachedump 4 20", "ITEM yours [1 b; 0 s]\r\n".repeat(100_000));
        against(node -> assertThat(ask(node).sampledKeys()).isZero());
    }
}
