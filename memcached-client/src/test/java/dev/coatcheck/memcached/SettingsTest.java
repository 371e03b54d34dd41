package dev.coatcheck.memcached;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.coatcheck.memcached.MemcachedException.Fate;
import dev.coatcheck.test.MemcachedServer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    private static void refuses(Consumer<MemcachedClient.Builder> setting, String... said) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> setting.accept(MemcachedClient.builder()))
                .satisfies(e -> assertThat(e.getMessage()).contains(said));
    }

    @ParameterizedTest
    @CsvSource({
        "mc1, mc1:11211",
        "MC1.Example.org:1, mc1.example.org:1",
        "10.0.0.1:65535, 10.0.0.1:65535",
        "[::1], [::1]:11211",
        "[FE80::1%2]:11300, [fe80::1%2]:11300",
        "unix:/run/memcached.sock, unix:/run/memcached.sock",
    })
    void addressesThatAreAccepted(String text, String canonical) {
        assertThat(NodeAddress.parse(text)).hasToString(canonical);
        assertThat(NodeAddress.parse(canonical)).isEqualTo(NodeAddress.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":11211",
                "mc1:",
                "mc1:0",
                "mc1:99999",
                "mc1:65536",
                "mc1:-1",
                "mc1:1:2",
                "::1",
                "::1:11211",
                "fe80::1",
                "[::1",
                "[]:1",
                "[mc1]:1",
                "[127.0.0.1]:11211",
                "mc 1",
                "mc1 ",
                "mc1/path",
                "http://mc1:11211",
                "mc1,mc2",
                "user@mc1",
                "mc1:port",
                "mc1\n"
            })
    void anAddressThatIsNoneIsRefusedWithWhatIsAccepted(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeAddress.parse(text))
                .withMessageContaining("node '" + text + "'")
                .withMessageContaining("host:port, [IPv6]:port or unix:/path is accepted, ports from 1 to 65535");
        refuses(builder -> builder.node(text), "node");
    }

    @ParameterizedTest
    @ValueSource(strings = {"unix:", "unix:relative", "unix:/a\0b"})
    void aSocketsPathIsAbsolute(String text) {
        refuses(builder -> builder.node("n", text), "node '" + text + "'", "absolute path of at most 100 bytes");
        refuses(builder -> builder.node("n", "unix:/" + "s".repeat(100)), "absolute path of at most 100 bytes");
        assertThat(NodeAddress.parse("unix:/" + "s".repeat(99))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\n", "ä", "a,b", "a=b", "x\0"})
    void aNodesNameIsShortAndPlain(String name) {
        refuses(builder -> builder.node(name, "mc1"), "node name", "1 to 100 letters, digits");
        refuses(builder -> builder.node("n".repeat(101), "mc1"), "node name", "1 to 100 letters, digits");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a;b", "ä", "a\n", "a=b", "a:b"})
    void aZoneIsShortAndPlain(String zone) {
        refuses(builder -> builder.node("n", "mc1", zone), "zone of node 'n'", "up to 64 letters, digits");
        refuses(builder -> builder.node("n", "mc1", "z".repeat(65)), "zone of node 'n'");
        assertThat(new NodeSpec("n", "MC1", "eu-west_1.a"))
                .hasToString("NodeSpec[name=n, address=mc1:11211, zone=eu-west_1.a]");
    }

    @Test
    void noNodeIsThereTwice() {
        refuses(builder -> builder.node("mc1").node("mc1"), "node 'mc1:11211'", "there already");
        refuses(builder -> builder.node("mc1").node("MC1:11211"), "node 'mc1:11211'", "there already");
        refuses(builder -> builder.node("a", "mc1").node("b", "mc1:11211"), "node 'b'", "there already");
        refuses(builder -> builder.node("a", "mc1").node("a", "mc2"), "node 'a'", "there already");
        refuses(builder -> builder.former("mc1").former("mc1:11211"), "node 'mc1:11211'", "there already");
        refuses(builder -> builder.former("a", "mc1").former("a", "mc2"), "node 'a'", "there already");
    }

    @Test
    void atLeastOneNodeIsNeeded() {
        refuses(MemcachedClient.Builder::build, "nodes = 0", "1 to 300");
        refuses(builder -> builder.former("mc1").build(), "nodes = 0", "1 to 300");
        refuses(builder -> builder.node("mc1").minNodes(2).build(), "nodes = 1", "2 to 300");
        refuses(builder -> builder.minNodes(0), "minNodes = 0", "1 to 300");
        refuses(builder -> builder.minNodes(301), "minNodes = 301", "1 to 300");
    }

    @Test
    void numbersHaveTheirRanges() {
        for (Duration timeout : new Duration[] {
            Duration.ZERO,
            Duration.ofMillis(-1),
            Duration.ofNanos(999_999),
            Duration.ofSeconds(60, 1),
            Duration.ofSeconds(Long.MAX_VALUE)
        }) {
            refuses(builder -> builder.timeout(timeout), "timeout = " + timeout, "1 ms to 1 min is accepted");
        }
        for (Duration poll : new Duration[] {
            Duration.ZERO, Duration.ofMillis(999), Duration.ofHours(1).plusNanos(1)
        }) {
            refuses(builder -> builder.poll(poll), "poll = " + poll, "1 s to 1 h is accepted");
        }
        for (int n : new int[] {Integer.MIN_VALUE, -1, 0, Integer.MAX_VALUE}) {
            refuses(builder -> builder.connections(n), "connections = " + n, "1 to 64 is accepted");
            refuses(builder -> builder.maxOperations(n), "maxOperations = " + n, "1 to 1000000 is accepted");
            refuses(
                    builder -> builder.maxBytesInFlight(n),
                    "maxBytesInFlight = " + n,
                    "1024 to 1073741824 is accepted");
            refuses(builder -> builder.maxValueBytes(n), "maxValueBytes = " + n, "1 to 134217728 is accepted");
        }
        refuses(builder -> builder.connections(65), "connections = 65");
        refuses(builder -> builder.maxOperations(1_000_001), "maxOperations = 1000001");
        refuses(builder -> builder.maxBytesInFlight((1 << 30) + 1), "maxBytesInFlight = 1073741825");
        refuses(builder -> builder.maxBytesInFlight(1_023), "maxBytesInFlight = 1023");
        refuses(builder -> builder.maxValueBytes((128 << 20) + 1), "maxValueBytes = 134217729");
        MemcachedClient.builder()
                .timeout(Duration.ofMillis(1))
                .timeout(Duration.ofMinutes(1))
                .connections(64)
                .maxOperations(1_000_000)
                .maxBytesInFlight(1 << 30)
                .maxValueBytes(128 << 20);
    }

    /** A client whose connection is there and whose server answers nothing from now on. */
    private static Rig silent(MemcachedServer server) {
        Rig rig = Rig.before(server, settings -> settings.timeout(Duration.ofMinutes(1)));
        rig.proxy.acceptAndStaySilent();
        return rig;
    }

    @Test
    void unlessItIsSaid1024CommandsMayWaitForANode() {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = silent(server)) {
            for (int i = 0; i < 1_024; i++) {
                assertThat(rig.client.submit(Command.get("k" + i))).isNotCompletedExceptionally();
            }
            CompletableFuture<Reply> late = rig.client.submit(Command.get("late"));
            assertThat(late).isCompletedExceptionally();
            assertThat(Rig.fateOf(late)).isEqualTo(Fate.NOT_SENT);
            assertThat(rig.node.stats()).returns(1_024, NodeStats::inFlight).returns(1L, NodeStats::notSent);
        }
    }

    @Test
    void unlessItIsSaid16MegabytesMayWaitForANode() {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = silent(server)) {
            for (int i = 0; i < 16; i++) {
                Command set = Command.set("k" + i, new byte[(1 << 20) - 100]).expire(60);
                assertThat(rig.client.submit(set)).isNotCompletedExceptionally();
            }
            CompletableFuture<Reply> late =
                    rig.client.submit(Command.set("late", new byte[1_600]).expire(60));
            assertThat(late).isCompletedExceptionally();
            assertThat(Rig.fateOf(late)).isEqualTo(Fate.NOT_SENT);
            assertThat(rig.node.stats()).returns(16, NodeStats::inFlight).returns(1L, NodeStats::notSent);
        }
    }

    @Test
    void unlessItIsSaidAListIsAskedForEveryTenSeconds() {
        assertThat(MemcachedClient.builder().poll).isEqualTo(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @CsvSource({"'',x", "x,''", "a b,x", "x,a b", "x,'a\n'", "'\t',x", "x,a\u007fb"})
    void credentialsThatCannotBeSentAreRefusedAndNotShown(String user, String password) {
        refuses(builder -> builder.credentials(user, password), "credentials", "needed");
        refuses(builder -> builder.credentials("u", "p".repeat(251)), "credentials", "250");
    }

    @Test
    void credentialsAreNeverShown() {
        Credentials credentials = new Credentials("somebody", "geheim");
        assertThat(credentials).hasToString("Credentials[hidden]");
        assertThat(new String(new Credentials("bär", "ß").command(), UTF_8)).isEqualTo("set auth 0 0 7\r\nbär ß\r\n");
        assertThat(Credentials.NONE.areSet()).isFalse();
    }

    @Test
    void tlsAndAFilesSocketAreRefusedTogether() throws Exception {
        SSLContext tls = SSLContext.getDefault();
        refuses(builder -> builder.node("unix:/run/m.sock").tls(tls).build(), "tls", "unix:");
    }
}
