package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.store.memcached.MemcachedSessionStore;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two of three memcacheds go at once, one more than two copies are for. */
class TwoOfThreeTest {
    private static final int SESSIONS = 60;
    private static final SessionKey<Integer> NUMBER = SessionKey.of("number", Integer.class);
    private static final Duration SOON = Duration.ofSeconds(60);

    private final ThreeMemcacheds memcached = new ThreeMemcacheds(3, "copies=2&timeout=5s");
    private final MemcachedSessionStore store = memcached.direct();
    private final SessionManager sessions = SessionManager.builder()
            .store(store)
            .keyRing(KeyRing.parse(KeyRing.generate()))
            .build();
    private final List<TestBrowser> browsers = new ArrayList<>();

    @BeforeEach
    void begin() {
        await().atMost(SOON).until(() -> store.nodes().stream().allMatch(MemcachedNode::isUp));
        for (int i = 0; i < SESSIONS; i++) {
            int number = i;
            browsers.add(TestBrowser.withSession(sessions, session -> session.set(NUMBER, -1)));
            browsers.get(i).visit(session -> session.set(NUMBER, number));
        }
    }

    @AfterEach
    void stop() {
        sessions.close();
        store.close();
        memcached.stop();
    }

    private List<MemcachedServer> two() {
        return memcached.servers.subList(0, 2);
    }

    private void nobodyIsServedAndNobodyIsLoggedOut() {
        await().atMost(SOON).until(() -> store.nodes().subList(0, 2).stream().noneMatch(MemcachedNode::isUp));
        for (TestBrowser browser : browsers) {
            assertThatThrownBy(() -> browser.visit(session -> session.get(NUMBER)))
                    .isInstanceOf(SessionUnavailableException.class);
            assertThat(browser.cookie(TwoNodes.COOKIE)).isNotNull();
        }
    }

    private Integer soonFound(TestBrowser browser) {
        Integer[] found = new Integer[1];
        await().atMost(SOON).ignoreException(SessionUnavailableException.class).until(() -> {
            found[0] = browser.<Integer>request(session -> session.get(NUMBER));
            return true;
        });
        return found[0];
    }

    @Test
    void whenTheyWereFrozenEverythingIsThereAfterTheThaw() {
        two().forEach(MemcachedServer::freeze);
        assertThatThrownBy(() -> browsers.forEach(browser -> browser.visit(session -> session.get(NUMBER))))
                .isInstanceOf(SessionUnavailableException.class);
        nobodyIsServedAndNobodyIsLoggedOut();
        two().forEach(MemcachedServer::thaw);
        for (int i = 0; i < SESSIONS; i++) {
            assertThat(soonFound(browsers.get(i))).isEqualTo(i);
        }
    }

    @Test
    void whenTheyComeBackEmptyWhatTheThirdHasIsThereAndTheRestIsLost() {
        int kept = memcached.servers.get(2).keys().size();
        two().forEach(MemcachedServer::kill);
        nobodyIsServedAndNobodyIsLoggedOut();
        two().forEach(MemcachedServer::restart);
        await().atMost(SOON).until(() -> store.nodes().stream().allMatch(MemcachedNode::isUp));
        int lost = 0;
        for (int i = 0; i < SESSIONS; i++) {
            Integer found = soonFound(browsers.get(i));
            if (found == null) {
                lost++;
            } else {
                assertThat(found).isEqualTo(i);
            }
        }
        assertThat(kept).isBetween(1, SESSIONS - 1);
        assertThat(lost).as("%d had a copy on the third node", kept).isEqualTo(SESSIONS - kept);
    }
}
