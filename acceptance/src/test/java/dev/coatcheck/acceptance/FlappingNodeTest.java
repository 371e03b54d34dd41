package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.Envelope;
import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.store.memcached.MemcachedSessionStore;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One of three memcacheds freezes, or is cut off, and comes back, again and again: each time costs a deadline or nothing, no
 * session goes to another node because of it, and none goes back to what it was before.
 */
class FlappingNodeTest {
    private static final int SESSIONS = 30;
    private static final SessionKey<Integer> COUNT = SessionKey.of("count", Integer.class);
    private static final Duration SOON = Duration.ofSeconds(30);

    private static final class User {
        final TestBrowser browser;
        int acknowledged;
        int failed;

        User(SessionManager manager) {
            browser = TestBrowser.withSession(manager, session -> session.set(COUNT, 0));
        }

        void count() {
            try {
                browser.visit(session -> session.update(COUNT, 0, count -> count + 1));
                acknowledged++;
            } catch (SessionUnavailableException e) {
                failed++;
            }
        }

        /** @return whether it could be seen */
        boolean look(SessionManager node) {
            try {
                int seen = browser.copyOfJar().through(node).<Integer>request(session -> session.get(COUNT));
                assertThat(seen).isBetween(acknowledged, acknowledged + failed);
                return true;
            } catch (SessionUnavailableException e) {
                return false;
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, true", "1, false", "2, true", "2, false"})
    void aNodeThatComesAndGoesCostsADeadlineEachTimeAndMovesNoSession(int copies, boolean frozen) {
        int flaps = frozen ? 5 : 20;
        ThreeMemcacheds memcached = new ThreeMemcacheds(3, "copies=" + copies + "&timeout=2s&connections=1");
        KeyRing ring = KeyRing.parse(KeyRing.generate());
        try (MemcachedSessionStore store = memcached.one();
                MemcachedSessionStore secondStore = memcached.two();
                SessionManager one =
                        SessionManager.builder().store(store).keyRing(ring).build();
                SessionManager two = SessionManager.builder()
                        .store(secondStore)
                        .keyRing(ring)
                        .build()) {
            List<MemcachedNode> flapping =
                    List.of(store.nodes().get(0), secondStore.nodes().get(0));
            await().atMost(SOON).until(() -> flapping.stream().allMatch(MemcachedNode::isUp));
            List<User> users = new ArrayList<>();
            for (int i = 0; i < SESSIONS; i++) {
                users.add(new User(one));
            }
            Set<String> keys = keys(memcached);
            assertThat(keys).hasSize(SESSIONS);
            List<Set<String>> places = places(memcached, keys);
            int unseen = 0;
            for (int flap = 0; flap < flaps; flap++) {
                go(memcached, frozen);
                for (User user : users) {
                    user.count();
                    unseen += user.look(two) ? 0 : 1;
                }
                comeBack(memcached, frozen);
                await().atMost(SOON).until(() -> flapping.stream().allMatch(MemcachedNode::isUp));
                await().atMost(SOON).until(() -> store.copyStats().missed().isEmpty());
                assertThat(users).allMatch(user -> user.look(one) && user.look(two));
            }
            int failed = users.stream().mapToInt(user -> user.failed).sum();
            long waited =
                    flapping.stream().mapToLong(node -> node.stats().timeouts()).sum();
            System.out.printf(
                    "copies=%d, %s %d times under %d sessions: %d of %d changes failed, %d of %d reads, %d commands ran"
                            + " into the deadline%n",
                    copies,
                    frozen ? "frozen" : "cut off",
                    flaps,
                    SESSIONS,
                    failed,
                    flaps * SESSIONS,
                    unseen,
                    flaps * SESSIONS,
                    waited);
            assertThat(places(memcached, keys)).isEqualTo(places);
            // Two application nodes, of which each has one caller; its next command may be on its way before it is
            // known.
            assertThat(waited).isLessThanOrEqualTo(frozen ? 2 * 2 * flaps : 0);
            if (copies == 1) {
                assertThat(failed).isEqualTo(flaps * places.get(0).size());
            } else {
                assertThat(failed + unseen).isZero();
            }
        } finally {
            memcached.stop();
        }
    }

    private static void go(ThreeMemcacheds memcached, boolean frozen) {
        if (frozen) {
            memcached.servers.get(0).freeze();
        } else {
            memcached.wiresOne.get(0).refuse();
            memcached.wiresTwo.get(0).refuse();
        }
    }

    private static void comeBack(ThreeMemcacheds memcached, boolean frozen) {
        if (frozen) {
            memcached.servers.get(0).thaw();
        } else {
            memcached.wiresOne.get(0).heal();
            memcached.wiresTwo.get(0).heal();
        }
    }

    private static Set<String> keys(ThreeMemcacheds memcached) {
        return memcached.servers.stream()
                .flatMap(server -> server.keys().stream())
                .collect(Collectors.toSet());
    }

    /** By server, those of these keys of which it has more than what a witness has. */
    private static List<Set<String>> places(ThreeMemcacheds memcached, Set<String> keys) {
        return memcached.servers.stream()
                .map(server -> keys.stream()
                        .filter(key -> server.get(key)
                                .filter(value -> value.length > Envelope.BYTES)
                                .isPresent())
                        .collect(Collectors.toSet()))
                .toList();
    }
}
