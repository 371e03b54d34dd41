package dev.coatcheck.store.memcached;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.memcached.NodeSpec;
import dev.coatcheck.memcached.NodeStats;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.SampleValue;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Three servers: each key has one of them, whatever happens. */
class NodesTest {
    private static final Duration LEASE = Duration.ofMinutes(20);
    private static final int KEYS = 90;

    private final List<MemcachedServer> servers =
            Stream.generate(MemcachedServer::start).limit(3).toList();
    private final List<Key> keys = Stream.generate(SampleValue::key).limit(KEYS).toList();

    @AfterEach
    void close() {
        servers.forEach(MemcachedServer::close);
    }

    private MemcachedSessionStore open(int... order) {
        String nodes =
                IntStream.of(order).mapToObj(i -> servers.get(i).address()).collect(Collectors.joining(","));
        return open(nodes);
    }

    private static ConditionFactory await() {
        return Awaitility.await().atMost(Duration.ofSeconds(30));
    }

    private static MemcachedSessionStore open(String nodes) {
        return MemcachedSessionStore.open("memcached://" + nodes + "?timeout=5s");
    }

    private void createAll(SessionStore store) {
        keys.forEach(
                key -> assertThat(store.create(key, SampleValue.live(1), LEASE).outcome())
                        .isEqualTo(SessionStore.Outcome.STORED));
    }

    private boolean isOn(int server, Key key) {
        return servers.get(server).keys().contains("cc:" + key.text());
    }

    @Test
    void eachKeyIsOnOneServerAndEachServerHasAboutAThird() {
        try (SessionStore store = open(0, 1, 2)) {
            createAll(store);
        }
        assertThat(servers).allSatisfy(server -> assertThat(server.keys()).hasSizeBetween(12, 48));
        assertThat(servers.stream().mapToInt(server -> server.keys().size()).sum())
                .isEqualTo(KEYS);
    }

    @Test
    void theOrderInWhichServersAreListedDoesNotMatter() {
        try (SessionStore store = open(0, 1, 2);
                SessionStore other = open(2, 0, 1)) {
            createAll(store);
            assertThat(keys)
                    .allSatisfy(key -> assertThat(other.load(key, LEASE)).isPresent());
        }
    }

    @Test
    void aServerThatMovesAndKeepsItsNameKeepsItsKeys() {
        try (SessionStore store =
                open("a=" + servers.get(0).address() + ",b=" + servers.get(1).address())) {
            createAll(store);
        }
        int onA = servers.get(0).keys().size();
        try (SessionStore moved =
                open("b=" + servers.get(1).address() + ",a=" + servers.get(2).address())) {
            long found = keys.stream()
                    .filter(key -> moved.load(key, LEASE).isPresent())
                    .count();
            assertThat(found).isEqualTo(KEYS - onA);
        }
    }

    @Test
    void ofADeadServerOnlyItsOwnKeysAreOutOfReachAndNoneMoves() {
        try (MemcachedSessionStore store = open(0, 1, 2)) {
            createAll(store);
            List<Key> lost = keys.stream().filter(key -> isOn(1, key)).toList();
            servers.get(1).kill();
            for (Key key : keys) {
                if (lost.contains(key)) {
                    assertThatThrownBy(() -> store.load(key, LEASE)).isInstanceOf(SessionUnavailableException.class);
                    assertThatThrownBy(() -> store.create(key, SampleValue.live(1), LEASE))
                            .isInstanceOf(SessionUnavailableException.class);
                } else {
                    assertThat(store.load(key, LEASE)).isPresent();
                }
            }
            // The lost keys may all have gone by one of the two connections.
            await().untilAsserted(() ->
                    assertThat(store.stats()).extracting(NodeStats::up).containsExactly(true, false, true));
            assertThat(servers.get(0).keys().size() + servers.get(2).keys().size())
                    .isEqualTo(KEYS - lost.size());
            servers.get(1).restart();
            await().ignoreExceptions()
                    .until(() -> store.load(lost.get(0), LEASE).isEmpty());
        }
    }

    @Test
    void eachNodeCountsWhatItDid() {
        try (MemcachedSessionStore store = open("a=" + servers.get(0).address())) {
            createAll(store);
            keys.forEach(key -> store.load(key, LEASE));
            store.load(SampleValue.key(), LEASE);
            NodeStats stats = store.stats().get(0);
            assertThat(stats.node()).isEqualTo("a");
            assertThat(stats.operations()).isEqualTo(2 * KEYS + 1);
            assertThat(stats.hits()).isEqualTo(KEYS);
            assertThat(stats.misses()).isEqualTo(1);
            assertThat(stats.inFlight()).isZero();
            assertThat(stats.bytesSent()).isGreaterThan(KEYS * 180);
        }
    }

    @Test
    void aChangedListIsUsedAtOnceAndLeavesTheStoreUnsettled() {
        MemcachedClient client = MemcachedClient.builder()
                .timeout(Duration.ofSeconds(5))
                .node(servers.get(0).address())
                .node(servers.get(1).address())
                .build();
        try (MemcachedSessionStore store = MemcachedSessionStore.over(client)) {
            createAll(store);
            assertThat(store.settled()).isTrue();
            client.change(Stream.concat(
                            client.nodes().stream().map(MemcachedNode::name),
                            Stream.of(servers.get(2).address()))
                    .map(NodeSpec::at)
                    .toList());
            assertThat(store.settled()).isFalse();
            assertThat(keys).allSatisfy(key -> {
                Duration steady = store.steadyFor(key);
                assertThat(steady).isLessThanOrEqualTo(client.listChangedFor());
            });
            List<Key> more = Stream.generate(SampleValue::key).limit(KEYS).toList();
            more.forEach(key -> store.create(key, SampleValue.live(1), LEASE));
            assertThat(servers.get(2).keys()).hasSizeBetween(12, 48);
            assertThat(store.nodes()).hasSize(3);
        }
    }
}
