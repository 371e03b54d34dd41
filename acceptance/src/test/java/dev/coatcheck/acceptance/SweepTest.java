package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Expired rows are ended by one node of a cluster, and told of once; what the cache still has in use is left. */
class SweepTest extends TieredNodes {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);
    private static final int EXPIRED = 40;

    private void age(String whose) {
        database.execute(
                "UPDATE $table SET expires_at = expires_at - 86400000, accessed_at = accessed_at - 86400000" + whose);
    }

    @Test
    void whatExpiredIsEndedOnceInTheCluster() throws Exception {
        for (int i = 0; i < EXPIRED; i++) {
            browser().visit(session -> session.set(X, 1));
        }
        age("");
        memcached.server.flush();
        TestBrowser alive = browser();
        alive.visit(session -> session.set(X, 2));
        List<SessionManager> nodes = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                nodes.add(node().store(i % 2 == 0 ? store : secondStore)
                        .sweepEvery(Duration.ofSeconds(1))
                        .build());
            }
            await().atMost(Duration.ofSeconds(60)).until(() -> database.sessions() == 1);
        } finally {
            nodes.forEach(SessionManager::close);
        }
        await().until(() -> kinds().stream().filter(Kind.EXPIRED::equals).count() == EXPIRED);
        assertThat(alive.<Integer>request(session -> session.get(X))).isEqualTo(2);
    }

    @Test
    void aManagerSweepsWhenItIsAskedToSoManyAsItIsTold() {
        for (int i = 0; i < 3; i++) {
            browser().visit(session -> session.set(X, 1));
        }
        age("");
        memcached.server.flush();
        try (SessionManager node = node().store(store).sweepEvery(Duration.ZERO).build()) {
            assertThat(node.sweep(2)).isEqualTo(2);
            assertThat(node.sweep(2)).isEqualTo(1);
            assertThat(node.sweep(2)).isZero();
            assertThat(node.stats().expired()).isEqualTo(3);
        }
        assertThat(database.sessions()).isZero();
        assertThat(kinds().stream().filter(Kind.EXPIRED::equals)).hasSize(3);
    }

    @Test
    void whatTheCacheHasInUseIsRenewedAndNotEnded() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(X, 1));
        age("");
        assertThat(store.sweep(100)).isEmpty();
        assertThat(database.sessions()).isEqualTo(1);
        memcached.server.flush();
        assertThat(browser.<Integer>request(session -> session.get(X)))
                .as("its row was renewed")
                .isEqualTo(1);
    }

    @Test
    void withoutTheCachesWordNothingIsEnded() {
        browser().visit(session -> session.set(X, 1));
        age("");
        memcached.server.flush();
        memcached.wireOne.refuse();
        assertThat(store.sweep(100)).isEmpty();
        assertThat(database.sessions()).isEqualTo(1);
        assertThat(secondStore.sweep(100)).hasSize(1);
    }
}
