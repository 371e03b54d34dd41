package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.memcached.NodeStats;
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
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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

    /** What was seen in a round of reads, and how long they took, sorted. */
    private record Seen(long stale, long lost, long unavailable, long[] nanos) {
        private double millis(int hundredths) {
            return nanos[(nanos.length - 1) * hundredths / 100] / 1e6;
        }

        @Override
        public String toString() {
            return String.format(
                    "%d stale, %d lost, %d unavailable (ms: median %.2f, 99 %% %.2f, worst %.2f)",
                    stale, lost, unavailable, millis(50), millis(99), millis(100));
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
        AtomicLongArray nanos = new AtomicLongArray(users.size());
        forAll(users, user -> {
            int index = -1;
            long start = System.nanoTime();
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
            nanos.set(users.indexOf(user), System.nanoTime() - start);
            if (index >= 0) {
                seen.incrementAndGet(index);
            }
        });
        long[] sorted =
                IntStream.range(0, users.size()).mapToLong(nanos::get).sorted().toArray();
        return new Seen(seen.get(0), seen.get(1), seen.get(2), sorted);
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
            // Others than the one with the fault may take a moment on a busy machine.
            memcached = new ThreeMemcacheds(3, "copies=" + copies + "&timeout=2s");
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

        private long ofFaulty(ToLongFunction<NodeStats> figure) {
            return Stream.of(store, secondStore)
                    .mapToLong(each -> figure.applyAsLong(each.stats().get(0)))
                    .sum();
        }

        long timeouts() {
            return ofFaulty(NodeStats::timeouts);
        }

        /** Commands that were asked for of the node with the fault, though it may have been known not to answer. */
        long asked() {
            return ofFaulty(NodeStats::operations);
        }

        /** Bytes of commands that went to it. */
        long sent() {
            return ofFaulty(NodeStats::bytesSent);
        }

        /** The store of the application node that the browsers are sent to. */
        MemcachedSessionStore inUse() {
            return current.equals(one) ? store : secondStore;
        }

        /** An application node that was sent many requests knows by now, or in a moment. */
        void awaitFound(MemcachedSessionStore... stores) {
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> Stream.of(stores)
                            .noneMatch(each -> each.nodes().get(0).isUp()));
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
            Seen before = read(place.users);
            fault(place, frozen);
            forAll(place.users, OneOfThreeTest::write);
            place.turn();
            forAll(place.users, OneOfThreeTest::write);
            // Those that were on their way when the node stopped to answer; each of two application nodes finds out for
            // itself.
            long failed = place.failed();
            assertThat(failed).isLessThanOrEqualTo(2 * THREADS);
            assertThat(place.timeouts()).isLessThanOrEqualTo(4 * THREADS);

            place.awaitFound(place.store, place.secondStore);
            Waiting waiting = new Waiting(place);
            Seen meanwhile = read(place.users);
            forAll(place.users, OneOfThreeTest::write);
            waiting.isOver(0);
            assertThat(place.failed()).as("beyond the first deadline").isEqualTo(failed);

            comeBack(place, frozen);
            Seen atOnce = read(place.users);
            place.turn();
            Seen atTheOther = read(place.users);
            fifteenSeconds();
            Seen later = read(place.users);
            System.out.printf(
                    "%d sessions, two copies, one of three nodes %s: %d of %d writes failed, %d commands ran into the"
                            + " deadline; before %s; meanwhile %s; after its return %s; at the other node %s; 15 s later"
                            + " %s%n",
                    SESSIONS,
                    frozen ? "frozen" : "killed and restarted",
                    place.failed(),
                    3 * SESSIONS,
                    place.timeouts(),
                    before,
                    meanwhile,
                    atOnce,
                    atTheOther,
                    later);
            assertThat(List.of(before, meanwhile, atOnce, atTheOther, later))
                    .extracting(Seen::stale, Seen::lost, Seen::unavailable)
                    .containsOnly(tuple(0L, 0L, 0L));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withOneCopySessionsAreAwayOrLostAndNothingIsStale(boolean frozen) throws Exception {
        try (Place place = new Place(1)) {
            long there = place.memcached.servers.get(0).keys().size();
            assertThat(there).isBetween(SESSIONS / 6L, SESSIONS / 2L);
            fault(place, frozen);
            forAll(place.users, OneOfThreeTest::write);
            assertThat(place.failed()).as("of none that is elsewhere").isEqualTo(there);
            assertThat(place.timeouts()).isLessThanOrEqualTo(2 * THREADS);

            place.awaitFound(place.inUse());
            Waiting waiting = new Waiting(place);
            Seen meanwhile = read(place.users);
            waiting.isOver(there);

            comeBack(place, frozen);
            Seen atOnce = readAll(place.users);
            place.turn();
            Seen atTheOther = readAll(place.users);
            fifteenSeconds();
            Seen later = read(place.users);
            System.out.printf(
                    "%d sessions, one copy, one of three nodes %s: %d of %d writes failed, %d commands ran into the"
                            + " deadline; meanwhile %s; after its return %s; at the other node %s; 15 s later %s%n",
                    SESSIONS,
                    frozen ? "frozen" : "killed and restarted",
                    place.failed(),
                    SESSIONS,
                    place.timeouts(),
                    meanwhile,
                    atOnce,
                    atTheOther,
                    later);
            assertThat(meanwhile)
                    .extracting(Seen::stale, Seen::lost, Seen::unavailable)
                    .containsExactly(0L, 0L, there);
            assertThat(List.of(atOnce, atTheOther, later))
                    .extracting(Seen::stale, Seen::lost, Seen::unavailable)
                    .containsOnly(tuple(0L, frozen ? 0L : there, 0L));
        }
    }

    /** As soon as both connections are there: the first one of them makes the node one that answers. */
    private static Seen readAll(List<User> users) {
        return await().atMost(Duration.ofSeconds(30))
                .pollDelay(Duration.ZERO)
                .until(() -> read(users), seen -> seen.unavailable() == 0);
    }

    /** A node that is known not to answer is sent nothing, and nobody waits for it. */
    private static final class Waiting {
        /** The health of a store is looked at once a minute. */
        private static final long LOOKS = 8;

        private final Place place;
        private final long timeouts;
        private final long asked;
        private final long sent;

        Waiting(Place place) {
            this.place = place;
            timeouts = place.timeouts();
            asked = place.asked();
            sent = place.sent();
        }

        /** @param turnedDown how many commands may have been asked for of it, to be told at once that it does not answer */
        void isOver(long turnedDown) {
            assertThat(place.timeouts()).isEqualTo(timeouts);
            assertThat(place.sent()).isEqualTo(sent);
            assertThat(place.asked() - asked).isBetween(turnedDown, turnedDown + LOOKS);
        }
    }

    private static void fifteenSeconds() {
        long back = System.nanoTime();
        await().atMost(Duration.ofMinutes(1)).until(() -> System.nanoTime() - back > 15_000_000_000L);
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
