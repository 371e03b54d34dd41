package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.store.memcached.MemcachedSessionStore;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One of three memcacheds is frozen and comes back, or is killed and comes back empty, under 400 sessions that are in use. */
class OneOfThreeTest {
    private static final int SESSIONS = 400;
    private static final int THREADS = 4;
    private static final SessionKey<Integer> COUNT = SessionKey.of("count", Integer.class);

    /** One session, and what its user was told of it. */
    private static final class User {
        TestBrowser browser;
        int acknowledged;
        int unknown;
        int failed;

        User(TestBrowser browser) {
            this.browser = browser;
        }
    }

    /** What was seen in a round of reads. */
    private record Seen(long stale, long lost, long unavailable) {
        @Override
        public String toString() {
            return stale + " stale, " + lost + " lost, " + unavailable + " unavailable";
        }
    }

    private interface Work {
        void on(User user);
    }

    private static void forAll(List<User> users, Work work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Void>> parts = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int first = thread;
                parts.add(() -> {
                    for (int i = first; i < users.size(); i += THREADS) {
                        work.on(users.get(i));
                    }
                    return null;
                });
            }
            for (Future<Void> done : threads.invokeAll(parts)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void write(User user) {
        try {
            user.browser.visit(session -> session.update(COUNT, 0, count -> count + 1));
            user.acknowledged++;
        } catch (SessionUnavailableException e) {
            user.failed++;
            user.unknown++;
        }
    }

    private static Seen read(List<User> users) throws Exception {
        AtomicLongArray seen = new AtomicLongArray(3);
        forAll(users, user -> {
            int index = -1;
            try {
                Integer count = user.browser.<Integer>request(
                        session -> session.find(COUNT).orElse(-1));
                if (count < 0) {
                    index = 1;
                } else if (count < user.acknowledged) {
                    index = 0;
                }
                assertThat(count).isLessThanOrEqualTo(user.acknowledged + user.unknown);
            } catch (SessionUnavailableException e) {
                index = 2;
            }
            if (index >= 0) {
                seen.incrementAndGet(index);
            }
        });
        return new Seen(seen.get(0), seen.get(1), seen.get(2));
    }

    /** Two application nodes, and sessions that each has written once. */
    private static final class Place implements AutoCloseable {
        final ThreeMemcacheds memcached;
        final MemcachedSessionStore store;
        final MemcachedSessionStore secondStore;
        final SessionManager one;
        final SessionManager two;
        final List<User> users = new ArrayList<>();
        private SessionManager current;

        Place(int copies) throws Exception {
            memcached = new ThreeMemcacheds(3, "copies=" + copies + "&timeout=250ms");
            store = memcached.direct();
            secondStore = memcached.direct();
            KeyRing ring = KeyRing.parse(KeyRing.generate());
            one = SessionManager.builder().store(store).keyRing(ring).build();
            two = SessionManager.builder().store(secondStore).keyRing(ring).build();
            current = one;
            for (int i = 0; i < SESSIONS; i++) {
                users.add(new User(new TestBrowser(one)));
            }
            forAll(users, OneOfThreeTest::write);
            turn();
            forAll(users, OneOfThreeTest::write);
            assertThat(users).allMatch(user -> user.acknowledged == 2);
        }

        /** From now on the browsers are sent to the other application node. */
        void turn() {
            current = current.equals(one) ? two : one;
            users.forEach(user -> user.browser = user.browser.through(current));
        }

        long failed() {
            return users.stream().mapToInt(user -> user.failed).sum();
        }

        long timeouts() {
            return store.stats().stream().mapToLong(node -> node.timeouts()).sum()
                    + secondStore.stats().stream()
                            .mapToLong(node -> node.timeouts())
                            .sum();
        }

        boolean allAnswer() {
            return store.stats().stream().allMatch(node -> node.up())
                    && secondStore.stats().stream().allMatch(node -> node.up());
        }

        @Override
        public void close() {
            one.close();
            two.close();
            store.close();
            secondStore.close();
            memcached.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withTwoCopiesNothingIsLostAndNothingIsStale(boolean frozen) throws Exception {
        try (Place place = new Place(2)) {
            fault(place, frozen);
            forAll(place.users, OneOfThreeTest::write);
            place.turn();
            forAll(place.users, OneOfThreeTest::write);
            Seen meanwhile = read(place.users);
            comeBack(place, frozen);
            Seen atOnce = read(place.users);
            place.turn();
            Seen atTheOther = read(place.users);
            long back = System.nanoTime();
            await().atMost(Duration.ofMinutes(1)).until(() -> System.nanoTime() - back > 15_000_000_000L);
            Seen later = read(place.users);
            System.out.printf(
                    "%d sessions, two copies, one of three nodes %s: %d of %d writes failed, %d commands ran into the"
                            + " deadline; meanwhile %s; after its return %s; at the other node %s; 15 s later %s%n",
                    SESSIONS,
                    frozen ? "frozen" : "killed and restarted",
                    place.failed(),
                    2 * SESSIONS,
                    place.timeouts(),
                    meanwhile,
                    atOnce,
                    atTheOther,
                    later);
            Seen none = new Seen(0, 0, 0);
            assertThat(List.of(meanwhile, atOnce, atTheOther, later)).containsOnly(none);
            // Those that were on their way when the node stopped to answer; each of two application nodes finds out for
            // itself.
            assertThat(place.failed()).isLessThanOrEqualTo(2 * THREADS);
            assertThat(place.timeouts()).isLessThanOrEqualTo(4 * THREADS);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withOneCopySessionsAreAwayOrLostAndNothingIsStale(boolean frozen) throws Exception {
        try (Place place = new Place(1)) {
            fault(place, frozen);
            forAll(place.users, OneOfThreeTest::write);
            Seen meanwhile = read(place.users);
            comeBack(place, frozen);
            Seen after = read(place.users);
            System.out.printf(
                    "%d sessions, one copy, one of three nodes %s: %d of %d writes failed; meanwhile %s; after its return"
                            + " %s%n",
                    SESSIONS, frozen ? "frozen" : "killed and restarted", place.failed(), SESSIONS, meanwhile, after);
            assertThat(meanwhile.stale() + after.stale()).isZero();
            assertThat(meanwhile.lost()).isZero();
            assertThat(meanwhile.unavailable()).isBetween(SESSIONS / 6L, SESSIONS / 2L);
            assertThat(after.lost()).isBetween(frozen ? 0L : SESSIONS / 6L, frozen ? 0L : SESSIONS / 2L);
        }
    }

    private static void fault(Place place, boolean frozen) {
        if (frozen) {
            place.memcached.servers.get(0).freeze();
        } else {
            place.memcached.servers.get(0).kill();
        }
    }

    private static void comeBack(Place place, boolean frozen) {
        if (frozen) {
            place.memcached.servers.get(0).thaw();
        } else {
            place.memcached.servers.get(0).restart();
        }
        await().atMost(Duration.ofSeconds(30)).until(place::allAnswer);
    }
}
