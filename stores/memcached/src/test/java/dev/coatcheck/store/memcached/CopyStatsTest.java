package dev.coatcheck.store.memcached;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.memcached.NodeSpec;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.SampleValue;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class CopyStatsTest {
    private static final Duration LEASE = Duration.ofMinutes(20);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void whatANodeHasMissedIsCountedUntilItHasIt() {
        try (MemcachedServer one = MemcachedServer.start();
                MemcachedServer two = MemcachedServer.start();
                MemcachedServer three = MemcachedServer.start();
                MemcachedSessionStore store = MemcachedSessionStore.open("memcached://n1=" + one.address() + ",n2="
                        + two.address() + ",n3=" + three.address() + "?copies=2&timeout=3s")) {
            assertThat(store.copyStats()).isEqualTo(CopyStats.ONE_COPY);
            one.kill();
            MemcachedNode node = store.nodes().get(0);
            Awaitility.await().atMost(PATIENCE).until(() -> !node.isUp());

            int missed = 0;
            for (int i = 0; i < 40; i++) {
                Key key = SampleValue.key();
                store.create(key, SampleValue.live(1), LEASE);
                missed += holdsData(two, key) && holdsData(three, key) ? 0 : 1;
            }

            assertThat(store.copyStats()).isEqualTo(new CopyStats(0, 0, Map.of("n1", missed), 0));
            assertThat(missed).isBetween(1, 39);

            one.restart();
            CopyStats repaired = new CopyStats(missed, 0, Map.of(), 0);
            Awaitility.await().atMost(PATIENCE).until(() -> store.copyStats().equals(repaired));
        }
    }

    @Test
    void whatANodeHasMissedIsForgottenWhenItLeavesTheList() {
        try (MemcachedServer one = MemcachedServer.start();
                MemcachedServer two = MemcachedServer.start();
                MemcachedServer three = MemcachedServer.start();
                MemcachedClient client = MemcachedClient.builder()
                        .node("n1", one.address())
                        .node("n2", two.address())
                        .node("n3", three.address())
                        .build();
                MemcachedSessionStore store =
                        new MemcachedSessionStore(new Copies.Parts(client, "cc:", 262_144, Clock.systemUTC()), true)) {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> store.nodes().stream().allMatch(MemcachedNode::isUp));
            one.kill();
            MemcachedNode node = store.nodes().get(0);
            Awaitility.await().atMost(PATIENCE).until(() -> !node.isUp());
            for (int i = 0; i < 20; i++) {
                store.create(SampleValue.key(), SampleValue.live(1), LEASE);
            }
            assertThat(store.copyStats().missed()).containsOnlyKeys("n1");

            client.change(List.of(new NodeSpec("n2", two.address(), ""), new NodeSpec("n3", three.address(), "")));
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> store.copyStats().missed().isEmpty());
        }
    }

    private static boolean holdsData(MemcachedServer server, Key key) {
        return server.get(MemcachedSessionStore.DEFAULT_PREFIX + key.text())
                .map(Envelope::of)
                .filter(envelope -> envelope.kind() == Envelope.Kind.LIVE)
                .isPresent();
    }

    @Test
    void oneCopyCountsNothing() {
        try (MemcachedServer server = MemcachedServer.start();
                MemcachedSessionStore store = MemcachedSessionStore.connect(server.address())) {
            store.create(SampleValue.key(), SampleValue.live(1), LEASE);

            assertThat(store.copyStats()).isEqualTo(new CopyStats(0, 0, Map.of(), 0));
        }
    }
}
