package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.store.memcached.MemcachedSessionStore;
import dev.coatcheck.test.FaultProxy;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two application nodes that do not agree on which of three memcacheds answer, or see one that comes and goes. */
class SplitViewTest {
    private static final int SESSIONS = 40;
    private static final int ROUNDS = 5;
    private static final SessionKey<Integer> COUNT = SessionKey.of("count", Integer.class);
    private static final Duration SOON = Duration.ofSeconds(30);

    private final ThreeMemcacheds memcached = new ThreeMemcacheds(3, "copies=2&timeout=1s");
    private final MemcachedSessionStore store = memcached.one();
    private final MemcachedSessionStore secondStore = memcached.two();
    private final KeyRing ring = KeyRing.parse(KeyRing.generate());
    private final SessionManager one =
            SessionManager.builder().store(store).keyRing(ring).build();
    private final SessionManager two =
            SessionManager.builder().store(secondStore).keyRing(ring).build();
    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final List<User> users = new ArrayList<>();

    private static final class User {
        final TestBrowser browser;
        final AtomicInteger acknowledged = new AtomicInteger();
        final AtomicInteger failed = new AtomicInteger();

        User(TestBrowser browser) {
            this.browser = browser;
        }

        void count(SessionManager node) {
            try {
                browser.copyOfJar().through(node).visit(session -> session.update(COUNT, 0, count -> count + 1));
                acknowledged.incrementAndGet();
            } catch (SessionUnavailableException e) {
                failed.incrementAndGet();
            }
        }

        int seenBy(SessionManager node) {
            return browser.copyOfJar().through(node).<Integer>request(session -> session.get(COUNT));
        }
    }

    @BeforeEach
    void begin() {
        awaitAllUp();
        for (int i = 0; i < SESSIONS; i++) {
            User user = new User(new TestBrowser(one));
            user.browser.visit(session -> session.set(COUNT, 0));
            users.add(user);
        }
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        one.close();
        two.close();
        store.close();
        secondStore.close();
        memcached.stop();
    }

    private void awaitAllUp() {
        await().atMost(SOON)
                .until(() -> store.nodes().stream().allMatch(MemcachedNode::isUp)
                        && secondStore.nodes().stream().allMatch(MemcachedNode::isUp));
    }

    private static void cut(FaultProxy wire, MemcachedNode node) {
        wire.refuse();
        await().atMost(SOON).until(() -> !node.isUp());
    }

    private void countThroughBoth() throws Exception {
        List<Callable<Void>> both = new ArrayList<>();
        for (SessionManager node : List.of(one, two)) {
            both.add(() -> {
                for (int round = 0; round < ROUNDS; round++) {
                    users.forEach(user -> user.count(node));
                }
                return null;
            });
        }
        for (Future<Void> done : threads.invokeAll(both)) {
            done.get();
        }
    }

    private void nothingIsLostOrDoubled() {
        for (User user : users) {
            int acknowledged = user.acknowledged.get();
            assertThat(user.seenBy(one)).isBetween(acknowledged, acknowledged + user.failed.get());
            assertThat(user.seenBy(two)).isEqualTo(user.seenBy(one));
        }
        int all = users.stream().mapToInt(user -> user.acknowledged.get()).sum();
        assertThat(all).isGreaterThan(SESSIONS * ROUNDS); // of twice as many
    }

    @Test
    void whatEachWritesOfOneSessionIsMergedOrRefused() throws Exception {
        cut(memcached.wiresOne.get(0), store.nodes().get(0));
        cut(memcached.wiresTwo.get(1), secondStore.nodes().get(1));
        countThroughBoth();
        memcached.wiresOne.get(0).heal();
        memcached.wiresTwo.get(1).heal();
        awaitAllUp();
        nothingIsLostOrDoubled();
    }

    @Test
    void aLogOutThroughOneIsFinalThroughTheOther() {
        cut(memcached.wiresOne.get(0), store.nodes().get(0));
        cut(memcached.wiresTwo.get(1), secondStore.nodes().get(1));
        for (User user : users) {
            TestBrowser thief = user.browser.copyOfJar();
            user.browser.visit(Session::logout);
            thief.through(two).visit(session -> assertThat(session.get(COUNT)).isNull());
        }
        memcached.wiresOne.get(0).heal();
        memcached.wiresTwo.get(1).heal();
        awaitAllUp();
        for (User user : users) {
            user.browser
                    .copyOfJar()
                    .visit(session -> assertThat(session.get(COUNT)).isNull());
        }
    }

    @Test
    void aNodeThatComesAndGoesTakesNoSessionBack() {
        MemcachedNode node = store.nodes().get(0);
        for (int flap = 0; flap < 20; flap++) {
            cut(memcached.wiresOne.get(0), node);
            users.forEach(user -> user.count(one));
            memcached.wiresOne.get(0).heal();
            await().atMost(SOON).until(node::isUp);
            for (User user : users) {
                assertThat(user.seenBy(one)).isGreaterThanOrEqualTo(user.acknowledged.get());
            }
            users.forEach(user -> user.count(two));
        }
        assertThat(store.stats().get(0).timeouts()).as("requests that waited").isZero();
        nothingIsLostOrDoubled();
    }
}
