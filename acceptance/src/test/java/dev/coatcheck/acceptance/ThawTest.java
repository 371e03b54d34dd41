package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.test.HeldRequest;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Writes that were sent to a frozen memcached and run after it thaws, often after somebody has looked. Each try adds its
 * number to a list: acknowledged ones are there once, those of unknown outcome at most once, refused ones never.
 */
class ThawTest extends TwoNodes {
    private static final SessionKey<List<Integer>> TRIES = SessionKey.listOf("tries", Integer.class);
    private static final int SESSIONS = 10;
    private static final int FREEZES = 20;
    private static final int TIMEOUT_MILLIS = 200;

    private final OneMemcached memcached = new OneMemcached(new String[0], "timeout=" + TIMEOUT_MILLIS + "ms");
    private final ExecutorService threads = Executors.newFixedThreadPool(SESSIONS);
    private final List<User> users = new ArrayList<>();

    /** One session, and what its user was told of each try. */
    private final class User {
        final TestBrowser browser = browser();
        final Set<Integer> acknowledged = new HashSet<>();
        final Set<Integer> unknown = new HashSet<>();
        final Set<Integer> refused = new HashSet<>();
        private int tries;

        User() {
            soon().until(() -> {
                browser.visit(session -> session.set(TRIES, List.of()));
                return true;
            });
        }

        List<Integer> read(SessionManager node) {
            return soon().until(
                            () -> browser.through(node).<List<Integer>>request(session -> session.get(TRIES)),
                            list -> list != null);
        }

        /** Loads and changes; returns when told to, and commits then. */
        Callable<Boolean> prepare(SessionManager node) {
            read(node);
            int number = tries++;
            HeldRequest<List<Integer>> held = loaded(node, number);
            return () -> note(number, held::release);
        }

        /** One that has found its session, within more than one timeout where the machine is busy. */
        private HeldRequest<List<Integer>> loaded(SessionManager node, int number) {
            AtomicBoolean found = new AtomicBoolean();
            return soon().until(
                            () -> {
                                HeldRequest<List<Integer>> held = browser.through(node)
                                        .hold(session -> {
                                            List<Integer> list = add(session, number);
                                            found.set(true);
                                            return list;
                                        });
                                if (!found.get()) {
                                    held.release();
                                }
                                return held;
                            },
                            held -> found.get());
        }

        boolean write(SessionManager node) {
            int number = tries++;
            return note(number, () -> browser.through(node).visit(session -> add(session, number)));
        }

        private boolean note(int number, Runnable commit) {
            try {
                commit.run();
                acknowledged.add(number);
                return true;
            } catch (SessionUnavailableException e) {
                (e.getMessage().contains("may be stored") ? unknown : refused).add(number);
                return false;
            }
        }

        void assertNothingIsLostOrDoubled() {
            List<Integer> stored = read(one);
            assertThat(stored).doesNotHaveDuplicates().containsAll(acknowledged);
            assertThat(stored).allMatch(number -> acknowledged.contains(number) || unknown.contains(number));
            assertThat(stored).as("what was said not to be stored").noneMatch(refused::contains);
            assertThat(read(two)).isEqualTo(stored);
            assertThat(acknowledged.size() + unknown.size() + refused.size()).isEqualTo(tries);
        }
    }

    ThawTest() {
        super(OneMemcached.clock());
    }

    @Override
    SessionStore open() {
        return memcached.direct();
    }

    @Override
    SessionStore openSecond() {
        return memcached.direct();
    }

    @Override
    void stopServers() {
        memcached.stop();
    }

    private static List<Integer> add(Session session, int number) {
        return session.update(TRIES, List.of(), tries -> {
            List<Integer> more = new ArrayList<>(tries);
            more.add(number);
            return more;
        });
    }

    private static ConditionFactory soon() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .ignoreException(SessionUnavailableException.class);
    }

    /** All users commit while the server is frozen; it thaws after so long, or when all have been told. */
    private void commitFrozen(SessionManager node, Duration thawAfter) throws Exception {
        List<Callable<Boolean>> commits = new ArrayList<>();
        for (User user : users) {
            commits.add(user.prepare(node));
        }
        memcached.server.freeze();
        List<Future<Boolean>> told = new ArrayList<>();
        commits.forEach(commit -> told.add(threads.submit(commit)));
        if (!thawAfter.isZero()) {
            long end = System.nanoTime() + thawAfter.toNanos();
            soon().until(() -> System.nanoTime() > end);
            memcached.server.thaw();
        }
        for (Future<Boolean> each : told) {
            each.get(30, TimeUnit.SECONDS);
        }
        if (thawAfter.isZero()) {
            memcached.server.thaw();
        }
    }

    @BeforeEach
    void begin() {
        for (int i = 0; i < SESSIONS; i++) {
            users.add(new User());
        }
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private int acknowledged() {
        return users.stream().mapToInt(user -> user.acknowledged.size()).sum();
    }

    @Test
    void aCommitThatNobodyAnswersIsReportedAndHappensOnceOrNever() throws Exception {
        for (int i = 0; i < FREEZES; i++) {
            commitFrozen(i % 2 == 0 ? one : two, Duration.ZERO);
        }
        assertThat(acknowledged()).isZero();
        users.forEach(User::assertNothingIsLostOrDoubled);
        assertThat(users)
                .as("late ones did happen")
                .anyMatch(user -> !user.read(one).isEmpty());
    }

    @Test
    void whatAnotherNodeWritesAfterTheThawStaysWhateverTheLateWriteDoes() throws Exception {
        for (int i = 0; i < FREEZES; i++) {
            commitFrozen(one, Duration.ZERO);
            users.forEach(user -> soon().until(() -> user.write(two)));
        }
        assertThat(acknowledged()).isEqualTo(SESSIONS * FREEZES);
        users.forEach(User::assertNothingIsLostOrDoubled);
    }

    @Test
    void aCommitDuringWhichTheServerThawsIsResolved() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < FREEZES; i++) {
            commitFrozen(i % 2 == 0 ? one : two, Duration.ofMillis(1 + random.nextInt(TIMEOUT_MILLIS * 6 / 5)));
        }
        users.forEach(User::assertNothingIsLostOrDoubled);
        assertThat(acknowledged())
                .as("some were answered in time, seed %d", seed)
                .isPositive();
    }
}
