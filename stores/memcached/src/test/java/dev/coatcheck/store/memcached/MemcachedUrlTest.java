package dev.coatcheck.store.memcached;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.memcached.Command;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.memcached.NodeSpec;
import dev.coatcheck.memcached.NodeStats;
import dev.coatcheck.memcached.Reply;
import dev.coatcheck.test.ClusterEndpoint;
import dev.coatcheck.test.FaultProxy;
import dev.coatcheck.test.MemcachedServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read out of a URL, and every wrong one: a message that names what is wrong and shows no password. */
class MemcachedUrlTest {
    private static final String SECRET = "canary-secret-9f";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static List<String> names(String url) {
        try (MemcachedClient client = MemcachedUrl.parse(url).client()) {
            return client.nodes().stream().map(MemcachedNode::name).toList();
        }
    }

    private static void assertRefused(String url, String... named) {
        assertThatThrownBy(() -> MemcachedSessionStore.open(url))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains(List.of(named))
                .doesNotContain("\r", "\n", SECRET);
    }

    @Test
    void aUrlWithoutOptionsHasTheDefaults() {
        MemcachedUrl url = MemcachedUrl.parse("memcached://mc1:11211,mc2:11211");
        assertThat(url.prefix()).isEqualTo("cc:");
        assertThat(url.maxValueBytes()).isEqualTo(262_144);
        assertThat(url.evicts()).isTrue();
        try (MemcachedClient client = url.client()) {
            assertThat(client.timeout()).isEqualTo(Duration.ofMillis(250));
            assertThat(client.nodes()).extracting(MemcachedNode::name).containsExactly("mc1:11211", "mc2:11211");
        }
    }

    @Test
    void everyOptionIsRead() {
        MemcachedUrl url = MemcachedUrl.parse("MEMCACHED://u%40x:p%3A%3F+@127.0.0.1:9?timeout=1s&connections=3"
                + "&maxOperations=10&maxBytesInFlight=2000000&maxValueBytes=1000000&prefix=my-app.1:&tls=true"
                + "&whenFull=refuse");
        assertThat(url.prefix()).isEqualTo("my-app.1:");
        assertThat(url.maxValueBytes()).isEqualTo(1_000_000);
        assertThat(url.evicts()).isFalse();
        try (MemcachedClient client = url.client()) {
            assertThat(client.timeout()).isEqualTo(Duration.ofSeconds(1));
        }
    }

    @Test
    void nodesAreHostsAddressesSocketsAndMayHaveNames() {
        assertThat(names("memcached://mc1,[::1]:11212,unix:/run/memcached/m.sock,a=mc1:11213,b=unix:/run/b.sock"))
                .containsExactly("mc1:11211", "[::1]:11212", "unix:/run/memcached/m.sock", "a", "b");
    }

    @Test
    void aNodeMayHaveAZone() {
        try (MemcachedClient client = MemcachedUrl.parse(
                        "memcached://u:p%3Bzone=x@mc1;zone=eu-1a,a=mc2:11213;zone=eu-1b,unix:/run/m.sock;zone=c,mc4")
                .client()) {
            assertThat(client.nodes()).extracting(MemcachedNode::zone).containsExactly("eu-1a", "eu-1b", "c", "");
            assertThat(client.nodes())
                    .extracting(MemcachedNode::name)
                    .containsExactly("mc1:11211", "a", "unix:/run/m.sock", "mc4:11211");
        }
    }

    @Test
    void theListOfBeforeIsAnOption() {
        try (MemcachedClient client = MemcachedUrl.parse(
                        "memcached://mc1,mc2,c=mc3?former=mc1,c=mc3:11214;zone=a,[::1]:11213&timeout=1s")
                .client()) {
            assertThat(client.placement().formerNodes())
                    .extracting(MemcachedNode::name)
                    .containsExactly("mc1:11211", "c", "[::1]:11213");
            assertThat(client.nodes())
                    .containsAll(client.placement().formerNodes().subList(0, 2));
        }
    }

    @Test
    void theNodesMayBeThoseThatAClusterTells() {
        try (ClusterEndpoint endpoint = ClusterEndpoint.of("127.0.0.1:1", "127.0.0.1:2");
                MemcachedClient client = MemcachedUrl.parse("memcached://127.0.0.1:9," + endpoint.address()
                                + "?discover=cluster&poll=1s&former=127.0.0.1:3")
                        .client()) {
            assertThat(client.nodes()).extracting(MemcachedNode::name).containsExactly("127.0.0.1:1", "127.0.0.1:2");
            assertThat(client.placement().formerNodes()).hasSize(1);
            endpoint.list("127.0.0.1:1");
            await().until(() -> client.nodes().size() == 1);
        }
    }

    @Test
    void twoCopiesNeedTwoNodesAlsoWhereTheyAreFound() {
        try (ClusterEndpoint endpoint = ClusterEndpoint.of("127.0.0.1:1")) {
            assertRefused("memcached://" + endpoint.address() + "?discover=cluster&copies=2", "nodes = 1", "2 to");
        }
    }

    @Test
    void theNodesMayBeTheAddressesOfAName() {
        assertThat(names("memcached://localhost:11213?discover=dns")).contains("127.0.0.1:11213");
    }

    private static final List<NodeSpec> THREE = nodes("127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3");
    private static final List<NodeSpec> FOUR = nodes("127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:4");

    private static List<NodeSpec> nodes(String... addresses) {
        return Stream.of(addresses).map(NodeSpec::at).toList();
    }

    private static void assertChangesOneAtATime(String options, String pause) {
        try (ClusterEndpoint endpoint = ClusterEndpoint.of("127.0.0.1:1", "127.0.0.1:2");
                MemcachedClient client = MemcachedUrl.parse(
                                "memcached://" + endpoint.address() + "?discover=cluster&copies=2" + options)
                        .client()) {
            assertThatThrownBy(() -> client.change(FOUR)).hasMessageContaining("2 nodes differ");
            assertThat(client.change(THREE)).isTrue();
            assertThatThrownBy(() -> client.change(FOUR)).hasMessageContaining("less than " + pause + " ago");
            assertThat(client.nodes()).hasSize(3);
        }
    }

    /** Of a session's two nodes one has to stay, and all servers must have heard of it. */
    @Test
    void withTwoCopiesOneNodeChangesAtATimeAndTheNextNotBeforeTwoPolls() {
        assertChangesOneAtATime("&poll=60s", "120000 ms");
        assertChangesOneAtATime("", "20000 ms");
    }

    @Test
    void withOneCopyAListMayChangeAsItLikes() {
        try (MemcachedClient client =
                MemcachedUrl.parse("memcached://127.0.0.1:1,127.0.0.1:2").client()) {
            assertThat(client.change(FOUR)).isTrue();
            assertThat(client.change(THREE)).isTrue();
        }
    }

    @Test
    void nodesThatNobodyTellsAreAStoreOutOfReach() {
        assertThatThrownBy(
                        () -> MemcachedSessionStore.open("memcached://u:" + SECRET + "@127.0.0.1:9?discover=cluster"))
                .isInstanceOf(SessionUnavailableException.class)
                .hasMessageContaining("127.0.0.1:9")
                .message()
                .doesNotContain(SECRET);
    }

    @Test
    void anEmptyPrefixAndOneOfColonsAreAllowed() {
        assertThat(MemcachedUrl.parse("memcached://mc1?prefix=").prefix()).isEmpty();
        assertThat(MemcachedUrl.parse("memcached://mc1?prefix=:::").prefix()).isEqualTo(":::");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    memcached:mc1                             | memcached://
                    memcached:                                | memcached://
                    memcached://                              | nodes
                    memcached://?timeout=1s                   | nodes
                    memcached://mc1:11211,                    | nodes
                    memcached://mc1:11211,,mc2:11211          | nodes
                    memcached://mc1:11211,mc1:11211           | mc1:11211
                    memcached://a=mc1:11211,b=mc1:11211       | 'b'
                    memcached://a=mc1:11211,a=mc2:11211       | 'a'
                    memcached://mc1,mc1:11211                 | mc1:11211
                    memcached://host:99999                    | host:99999
                    memcached://host:0                        | host:0
                    memcached://::1:11211                     | ::1:11211
                    memcached://fe80::abcd                    | number 1
                    memcached://mc1,[::1                      | [::1
                    memcached://mc1/path                      | mc1/path
                    memcached://mc 1:11211                    | number 1
                    memcached://unix:relative                 | unix:relative
                    memcached://=mc1                          | node name
                    memcached://mc1?                          | option ''
                    memcached://mc1?timeout                   | 'timeout'
                    memcached://mc1?speed=fast                | 'speed'; connections; maxValueBytes; prefix; timeout
                    memcached://mc1?Timeout=1s                | 'Timeout'; timeout
                    memcached://mc1?timeout=1s&timeout=1s     | 'timeout'; twice
                    memcached://mc1?timeout=1s&               | option ''
                    memcached://mc1?timeout=                  | timeout; 250ms
                    memcached://mc1?timeout=0ms               | timeout; 1 ms
                    memcached://mc1?timeout=2m                | timeout; 2m; 250ms
                    memcached://mc1?timeout=61s               | timeout; 1 min
                    memcached://mc1?timeout=abc               | timeout; abc; 250ms
                    memcached://mc1?timeout=-1ms              | timeout; -1ms
                    memcached://mc1?timeout=9999999ms         | timeout; 250ms
                    memcached://mc1?connections=0             | connections; 1 to 64
                    memcached://mc1?connections=65            | connections; 1 to 64
                    memcached://mc1?connections=two           | connections; two; number
                    memcached://mc1?maxOperations=0           | maxOperations; 1 to 1000000
                    memcached://mc1?maxOperations=1000001     | maxOperations; 1 to 1000000
                    memcached://mc1?maxOperations=99999999999 | maxOperations; number
                    memcached://mc1?maxBytesInFlight=1        | maxBytesInFlight
                    memcached://mc1?maxBytesInFlight=100000   | maxBytesInFlight; maxValueBytes
                    memcached://mc1?maxBytesInFlight=1073741825 | maxBytesInFlight; to 1073741824
                    memcached://mc1?maxValueBytes=1023        | maxValueBytes; 1,024 to 1,000,000
                    memcached://mc1?maxValueBytes=1000001     | maxValueBytes; 1,024 to 1,000,000
                    memcached://mc1?prefix=a b                | prefix; letters
                    memcached://mc1?prefix=a/b                | prefix; letters
                    memcached://mc1,mc2?copies=0              | copies = 0; 1 or 2
                    memcached://mc1,mc2,mc3?copies=3          | copies = 3; 1 or 2
                    memcached://mc1?copies=2                  | copies = 2; two nodes or more
                    memcached://mc1,mc2?copies=2&former=mc1   | former; copies=2
                    memcached://mc1,mc2?former=mc1&copies=2   | former; copies=2
                    memcached://mc1?tls=yes                   | tls; yes; false or true
                    memcached://mc1?whenFull=evicts           | whenFull; evict or refuse
                    memcached://mc1?trust=/etc/ca.pem         | trust; tls=true
                    memcached://mc1;zone=                     | number 1; ;zone=
                    memcached://mc1;zone=a b                  | number 1
                    memcached://mc1;zone=a;zone=b             | number 1
                    memcached://mc1;rack=a                    | number 1
                    memcached://mc1,mc2;                      | number 2
                    memcached://;zone=a                       | number 1
                    memcached://mc1?former=                   | former; at least one
                    memcached://mc1?former=mc2,               | former; at least one
                    memcached://mc1?former=mc2,host:0         | host:0
                    memcached://mc1?former=mc2,mc2            | mc2:11211; there already
                    memcached://mc1?former=mc 2               | former; number 1
                    memcached://mc1?discover=                 | discover; dns or cluster
                    memcached://mc1?discover=DNS              | discover; DNS; dns or cluster
                    memcached://a=mc1?discover=dns            | discover = dns; no name and no zone
                    memcached://mc1;zone=a?discover=cluster   | discover = cluster; no name and no zone
                    memcached://unix:/run/m?discover=dns      | unix:/run/m
                    memcached://mc1?poll=10s                  | poll; discover=dns
                    memcached://mc1?discover=dns&poll=999ms   | poll; 1 s to 1 h
                    memcached://mc1?discover=dns&poll=3601s   | poll; 1 s to 1 h
                    memcached://mc1?discover=dns&poll=often   | poll; often; 250ms
                    memcached://unix:/run/m.sock?tls=true     | tls; unix:
                    memcached://alice@mc1                     | password is missing
                    memcached://:secret@mc1                   | user:password
                    memcached://alice:@mc1                    | credentials
                    memcached://a%2:secret@mc1                | hexadecimal
                    """)
    void whatIsWrongIsNamed(String url, String named) {
        assertRefused(url, named.split("; "));
    }

    @Test
    void aPrefixHas64CharactersAtMost() {
        assertThat(MemcachedUrl.parse("memcached://mc1?prefix=" + "p".repeat(64))
                        .prefix())
                .hasSize(64);
        assertRefused("memcached://mc1?prefix=" + "p".repeat(65), "prefix", "up to 64 letters");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "memcached://mc1?prefix=a\r\nset x 0 0 1",
                "memcached://mc1?pre\r\nfix=a",
                "memcached://mc1\r\n",
                "memcached://m\tc1:11211",
                "memcached://a=mc1\n:11211",
                "memcached://mc1?timeout=1s\n"
            })
    void controlCharactersAreRefusedAndNotRepeated(String url) {
        assertRefused(url, "");
    }

    /** Whatever is forgotten or not escaped. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "memcached://alice:" + SECRET + "@",
                "memcached://alice:" + SECRET,
                "memcached://alice:" + SECRET + "@mc1:99999",
                "memcached://alice:" + SECRET + "@mc1?speed=fast",
                "memcached://alice:" + SECRET + "@mc1?timeout=0ms",
                "memcached://alice:" + SECRET + "?x@mc1",
                "memcached://alice:x?" + SECRET + "@mc1",
                "memcached://alice:x@" + SECRET + "@mc1",
                "memcached://alice:" + SECRET + "%@mc1",
                "memcached://alice:" + SECRET + " x@mc1",
                "memcached://alice:" + SECRET + ";zone=a",
                "memcached://alice:" + SECRET + ";zone=a?discover=dns",
                "memcached://mc1?former=alice:" + SECRET,
                "memcached://mc1?former=alice:" + SECRET + "@mc2",
                "memcached://alice:" + SECRET + "%0D%0A@mc1",
                "memcached://" + SECRET + "@mc1",
                "memcached:alice:" + SECRET + "@mc1"
            })
    void noMessageShowsAPassword(String url) {
        assertRefused(url, "");
    }

    @Test
    void aStoreTellsItsNodesAndNoPassword() {
        try (SessionStore store =
                MemcachedSessionStore.open("memcached://alice:" + SECRET + "@127.0.0.1:9?timeout=10ms")) {
            assertThat(store.toString()).contains("127.0.0.1:9").doesNotContain(SECRET, "alice");
        }
    }

    @Test
    void asManyConnectionsAreMadeAsItSays() {
        try (MemcachedServer server = MemcachedServer.start();
                MemcachedSessionStore store =
                        MemcachedSessionStore.open("memcached://" + server.address() + "?timeout=5s&connections=3")) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(store.stats())
                            .extracting(NodeStats::connections)
                            .containsExactly(3L));
        }
    }

    @Test
    void noMoreBytesWaitForANodeThanItSays() {
        try (MemcachedServer server = MemcachedServer.start();
                FaultProxy wire = FaultProxy.before(server);
                MemcachedSessionStore store = MemcachedSessionStore.open("memcached://" + wire.address()
                        + "?timeout=60s&connections=1&maxValueBytes=1000000&maxBytesInFlight=2000000")) {
            MemcachedNode node = store.nodes().get(0);
            await().atMost(PATIENCE).until(node::isUp);
            wire.acceptAndStaySilent();
            List<CompletableFuture<Reply>> sets = Stream.of("a", "b", "c")
                    .map(key -> node.submit(Command.set(key, new byte[900_000]).expire(60)))
                    .toList();
            assertThat(sets.get(2))
                    .failsWithin(Duration.ZERO)
                    .withThrowableThat()
                    .withMessageContaining("maxBytesInFlight");
            assertThat(sets.subList(0, 2)).noneMatch(CompletableFuture::isDone);
        }
    }

    @Test
    void aFileOfCertificatesThatCannotBeUsedIsRefused(@TempDir Path folder) throws Exception {
        Path empty = Files.createFile(folder.resolve("empty.pem"));
        Path junk = Files.writeString(folder.resolve("junk.pem"), "no certificate");
        for (Path file : List.of(empty, junk, folder, folder.resolve("missing.pem"))) {
            assertRefused("memcached://mc1?tls=true&trust=" + file, "trust");
        }
    }
}
