package dev.coatcheck.store.memcached;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.SampleValue;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** All application servers are stopped, and started with the other number of copies: the sessions are good. */
class ChangedCopiesTest {
    private static final Duration LEASE = Duration.ofMinutes(20);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int KEYS = 40;

    private final List<MemcachedServer> servers =
            Stream.generate(MemcachedServer::start).limit(3).toList();
    private final List<Key> keys = Stream.generate(SampleValue::key).limit(KEYS).toList();

    @AfterEach
    void close() {
        servers.forEach(MemcachedServer::close);
    }

    private MemcachedSessionStore open(int copies) {
        String nodes = servers.stream().map(MemcachedServer::address).collect(Collectors.joining(","));
        MemcachedSessionStore store =
                MemcachedSessionStore.open("memcached://" + nodes + "?connections=1&timeout=5s&copies=" + copies);
        await().atMost(PATIENCE).until(() -> store.nodes().stream().allMatch(MemcachedNode::isUp));
        return store;
    }

    /** Every fourth key from this one on. */
    private List<Key> fourth(int first) {
        return Stream.iterate(first, i -> i < KEYS, i -> i + 4).map(keys::get).toList();
    }

    private static void assertVersion(SessionStore store, List<Key> of, int version) {
        assertThat(of).allSatisfy(key -> {
            Stored stored = store.load(key, LEASE).orElseThrow();
            assertThat(stored.version().number()).isEqualTo(version);
            assertThat(stored.idleFor()).isLessThan(Duration.ofMinutes(5));
        });
    }

    private static void assertOut(SessionStore store, List<Key> of) {
        assertThat(of).allSatisfy(key -> assertThat(store.load(key, LEASE)).isEmpty());
    }

    private static void replace(SessionStore store, Key key) {
        Stored seen = store.load(key, LEASE).orElseThrow();
        assertThat(store.replace(key, SampleValue.after(seen.value()), seen.version(), LEASE)
                        .outcome())
                .isEqualTo(Outcome.STORED);
    }

    @Test
    void sessionsStayGoodAndLogOutsFinalOverOneTwoAndOneCopy() {
        Instant until = Instant.now().plusSeconds(3_600);
        try (SessionStore one = open(1)) {
            keys.forEach(key -> assertThat(
                            one.create(key, SampleValue.live(1), LEASE).outcome())
                    .isEqualTo(Outcome.STORED));
            fourth(0).forEach(key -> assertThat(one.end(key, until)).isTrue());
        }
        try (SessionStore two = open(2)) {
            assertOut(two, fourth(0));
            assertVersion(two, fourth(1), 1);
            fourth(1).forEach(key -> replace(two, key));
            fourth(2).forEach(key -> assertThat(two.end(key, until)).isTrue());
        }
        try (SessionStore one = open(1)) {
            assertOut(one, fourth(0));
            assertVersion(one, fourth(1), 2);
            assertOut(one, fourth(2));
            assertVersion(one, fourth(3), 1);
            fourth(1).forEach(key -> replace(one, key));
            assertVersion(one, fourth(1), 3);
        }
    }
}
