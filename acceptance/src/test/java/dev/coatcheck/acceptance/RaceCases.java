package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.Session;
import dev.coatcheck.SessionConflictException;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.HeldRequest;
import dev.coatcheck.test.TestBrowser;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Requests of one session at the same time, through two nodes. */
abstract class RaceCases extends TwoNodes {
    static final SessionKey<Integer> HITS = SessionKey.of("hits", Integer.class);
    static final SessionKey<String> NAME = SessionKey.of("name", String.class);
    static final SessionKey<String> CITY = SessionKey.of("city", String.class);
    static final SessionKey<String> STATE = SessionKey.of("oauth-state", String.class);

    RaceCases() {}

    RaceCases(FakeClock clock) {
        super(clock);
    }

    private SessionManager node(int i) {
        return i % 2 == 0 ? one : two;
    }

    /** Runs all tasks at once, each on a thread of its own, and returns what they gave. */
    private static <T> List<T> together(List<Callable<T>> tasks) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> future : threads.invokeAll(tasks, 60, TimeUnit.SECONDS)) {
                results.add(future.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }

    private static <T> List<Callable<T>> tasks(int count, java.util.function.IntFunction<Callable<T>> task) {
        return IntStream.range(0, count).mapToObj(task).toList();
    }

    /** How many threads write one session at a time: so few that each gets its turn within a commit's two seconds. */
    int writers() {
        return 16;
    }

    @Test
    void manyThreadsOnTwoNodesLoseNoneOfFourHundredIncrements() throws Exception {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(HITS, 0));
        together(RaceCases.<Integer>tasks(writers(), i -> () -> {
            for (int n = 0; n < 400 / writers(); n++) {
                browser.through(node(i)).visit(session -> session.update(HITS, 0, hits -> hits + 1));
            }
            return i;
        }));
        assertThat(browser.<Integer>request(session -> session.get(HITS))).isEqualTo(400);
    }

    @Test
    void twentyAttributesSetAtOnceAreAllKept() throws Exception {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(HITS, 0));
        together(RaceCases.<Integer>tasks(20, i -> () -> {
            browser.through(node(i)).visit(session -> session.set(SessionKey.of("key" + i, Integer.class), i));
            return i;
        }));
        assertThat(browser.<java.util.Set<String>>request(Session::keys)).hasSize(21);
    }

    @Test
    void differentAttributesOfTwoRequestsMerge() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(HITS, 0));
        HeldRequest<String> slow = browser.hold(session -> {
            session.set(NAME, "alice");
            return "held";
        });
        browser.through(two).visit(session -> session.set(CITY, "Oslo"));
        slow.release();
        browser.visit(session -> {
            assertThat(session.get(NAME)).isEqualTo("alice");
            assertThat(session.get(CITY)).isEqualTo("Oslo");
        });
        assertThat(one.stats().conflicts()).isEqualTo(1);
        assertThat(one.stats().overwritten()).isZero();
    }

    @Test
    void ofOneAttributeTheLaterCommitWinsAndIsCounted() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(CITY, "Rome"));
        HeldRequest<String> slow = browser.hold(session -> {
            session.set(CITY, "Oslo");
            return "held";
        });
        browser.through(two).visit(session -> session.set(CITY, "Bern"));
        slow.release();
        assertThat(browser.<String>request(session -> session.get(CITY))).isEqualTo("Oslo");
        assertThat(one.stats().overwritten()).isEqualTo(1);
        assertThat(kinds()).contains(Kind.CONFLICT);
    }

    @Test
    void ofTwoWhoSetWhereNothingIsTheEarlierCommitWins() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(HITS, 0));
        HeldRequest<String> slow = browser.hold(session -> session.update(CITY, city -> city == null ? "Oslo" : city));
        browser.through(two).visit(session -> session.update(CITY, city -> city == null ? "Bern" : city));
        slow.release();
        assertThat(browser.<String>request(session -> session.get(CITY))).isEqualTo("Bern");
    }

    @Test
    void whatAnotherSetsAfterAClearStays() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(NAME, "alice"));
        HeldRequest<String> clearing = browser.hold(session -> {
            session.clear();
            return "held";
        });
        clearing.release();
        HeldRequest<String> setting = browser.hold(session -> {
            session.set(CITY, "Oslo");
            return "held";
        });
        browser.through(two).visit(Session::clear);
        setting.release();
        browser.visit(session -> assertThat(session.keys()).containsExactly("city"));
    }

    @Test
    void aReaderThatSpansAWriteWritesNothingBack() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(CITY, "Rome"));
        HeldRequest<String> reader = browser.hold(session -> session.get(CITY));
        browser.through(two).visit(session -> session.set(CITY, "Oslo"));
        assertThat(reader.release()).isEqualTo("Rome");
        assertThat(browser.<String>request(session -> session.get(CITY))).isEqualTo("Oslo");
    }

    @Test
    void ofTwoTakersOneCommits() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(STATE, "s1"));
        AtomicInteger effects = new AtomicInteger();
        HeldRequest<String> late = browser.hold(session -> session.take(STATE));
        browser.through(two).visit(session -> {
            assertThat(session.take(STATE)).isEqualTo("s1");
            session.commit();
            effects.incrementAndGet();
        });
        assertThat(late.releaseFailing(SessionConflictException.class)).isNotNull();
        assertThat(effects).hasValue(1);
        browser.visit(session -> assertThat(session.has(STATE)).isFalse());
    }

    @Test
    void takersBesideOtherChangesAllCommitButOne() throws Exception {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(STATE, "s1"));
        List<String> taken = together(RaceCases.<String>tasks(8, i -> () -> {
            try {
                return browser.through(node(i)).<String>request(session -> {
                    String state = session.take(STATE);
                    session.commit();
                    return state == null ? "nothing" : state;
                });
            } catch (SessionConflictException late) {
                return "conflict";
            }
        }));
        assertThat(taken).containsOnlyOnce("s1");
    }

    @Test
    void flashMessagesOfParallelRequestsAllArrive() throws Exception {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(HITS, 0));
        together(RaceCases.<Integer>tasks(10, i -> () -> {
            browser.through(node(i)).visit(session -> session.flash("message " + i));
            return i;
        }));
        assertThat(browser.<List<String>>request(Session::takeFlash)).hasSize(10);
        assertThat(browser.<List<String>>request(Session::takeFlash)).isEmpty();
    }

    @Test
    void aMessageThatTwoRequestsTakeReachesBothAndIsNoConflict() {
        TestBrowser browser = browser();
        browser.visit(session -> session.flash("hello"));
        HeldRequest<List<String>> late = browser.hold(Session::takeFlash);
        assertThat(browser.through(two).<List<String>>request(Session::takeFlash))
                .containsExactly("hello");
        assertThat(late.release()).containsExactly("hello");
        assertThat(browser.<List<String>>request(Session::takeFlash)).isEmpty();
    }

    @Test
    void takingMessagesLeavesOneThatCameMeanwhile() {
        TestBrowser browser = browser();
        browser.visit(session -> session.flash("first"));
        HeldRequest<List<String>> taker = browser.hold(Session::takeFlash);
        browser.through(two).visit(session -> session.flash("second"));
        assertThat(taker.release()).containsExactly("first");
        assertThat(browser.<List<String>>request(Session::takeFlash)).containsExactly("second");
    }

    @Test
    void aSlowRequestDoesNotBringALoggedOutSessionBack() {
        TestBrowser browser = browser();
        browser.visit(session -> session.login("alice"));
        TestBrowser thief = browser.copyOfJar();
        HeldRequest<String> slow = browser.hold(session -> {
            session.set(NAME, "late");
            return session.userId();
        });
        assertThat(browser.through(two).<Boolean>request(Session::logout)).isTrue();
        assertThat(slow.release()).isEqualTo("alice");
        assertThat(slow.response().setCookies()).isEmpty();
        assertThat(thief.<String>request(Session::userId)).isNull();
        assertThat(thief.through(two).<String>request(session -> session.get(NAME)))
                .isNull();
        assertThat(one.stats().dropped()).isEqualTo(1);
    }

    /** Signs out in one tab, while another tab does something between the look at the session and its end. */
    private TestBrowser otherTabOfALogOut(Consumer<TestBrowser> meanwhile) {
        TestBrowser browser = browser();
        browser.visit(session -> session.login("alice"));
        TestBrowser other = browser.copyOfJar().through(two);
        browser.visit(session -> {
            assertThat(session.userId()).isEqualTo("alice");
            meanwhile.accept(other);
            assertThat(session.logout()).isTrue();
        });
        assertThat(browser.cookieLine()).isNull();
        return other;
    }

    @Test
    void aLogOutEndsWhatARotationOfTheSameMomentMadeOfTheSession() {
        for (int rotations = 1; rotations <= 2; rotations++) {
            int times = rotations;
            TestBrowser other = otherTabOfALogOut(tab -> {
                for (int i = 0; i < times; i++) {
                    tab.visit(Session::rotate);
                }
            });
            assertThat(other.<String>request(Session::userId)).isNull();
            assertThat(one.stats().loggedOut()).isEqualTo(times);
        }
    }

    @Test
    void aLogOutEndsASessionThatWasWrittenMeanwhile() {
        TestBrowser other = otherTabOfALogOut(tab -> tab.visit(session -> session.set(NAME, "Ann")));
        assertThat(other.<String>request(Session::userId)).isNull();
        assertThat(kinds()).containsOnlyOnce(Kind.LOGGED_OUT);
    }

    @Test
    void aLogOutLeavesTheSessionAloneThatAnotherTabSignedInToMeanwhile() {
        TestBrowser other = otherTabOfALogOut(tab -> tab.visit(session -> session.login("bob")));
        assertThat(other.<String>request(Session::userId)).isEqualTo("bob");
    }

    @Test
    void aSlowReaderDoesNotBringALoggedOutSessionBack() {
        TestBrowser browser = browser();
        browser.visit(session -> session.login("alice"));
        TestBrowser thief = browser.copyOfJar();
        HeldRequest<String> slow = browser.hold(Session::userId);
        browser.through(two).visit(Session::logout);
        slow.release();
        assertThat(slow.response().setCookies()).isEmpty();
        assertThat(thief.<String>request(Session::userId)).isNull();
    }

    @Test
    void theCookieOfANewerSessionOutlivesASlowResponse() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(NAME, "anonymous"));
        HeldRequest<String> slow = browser.hold(session -> {
            session.set(CITY, "late");
            return "held";
        });
        browser.through(two).visit(session -> session.login("alice"));
        slow.release();
        assertThat(slow.response().setCookies()).isEmpty();
        assertThat(browser.<String>request(Session::userId)).isEqualTo("alice");
    }

    @Test
    void anUpdateOfAnEndedSessionFailsAtItsOwnCommit() {
        TestBrowser browser = browser();
        browser.visit(session -> session.login("alice"));
        HeldRequest<String> dropped = browser.hold(session -> {
            session.update(HITS, 0, n -> n + 1);
            return "held";
        });
        AtomicInteger told = new AtomicInteger();
        TestBrowser tab = browser.copyOfJar();
        HeldRequest<String> own = tab.hold(session -> {
            session.update(HITS, 0, n -> n + 1);
            browser.through(two).visit(Session::logout);
            try {
                session.commit();
            } catch (SessionConflictException ended) {
                told.incrementAndGet();
            }
            return "told";
        });
        own.release();
        dropped.release();
        assertThat(told).hasValue(1);
    }

    @Test
    void aRotationLogsNoneOfTwentyParallelRequestsOut() throws Exception {
        TestBrowser browser = browser();
        browser.visit(session -> session.login("alice"));
        List<HeldRequest<String>> parallel = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            int number = i;
            parallel.add(browser.through(node(i)).hold(session -> {
                session.set(SessionKey.of("before" + number, Integer.class), number);
                return session.userId();
            }));
        }
        TestBrowser old = browser.copyOfJar();
        browser.visit(Session::rotate);
        for (int i = 0; i < 10; i++) {
            int number = i;
            TestBrowser tab = old.copyOfJar();
            tab.through(node(i)).visit(session -> {
                assertThat(session.userId()).isEqualTo("alice");
                session.set(SessionKey.of("after" + number, Integer.class), number);
            });
            assertThat(tab.lastResponse().setCookies()).isEmpty();
        }
        for (HeldRequest<String> request : parallel) {
            assertThat(request.release()).isEqualTo("alice");
            assertThat(request.response().setCookies()).isEmpty();
        }
        assertThat(browser.<java.util.Set<String>>request(Session::keys)).hasSize(20);
    }

    @Test
    void parallelRotationsEndInOneSessionThatEverybodyReaches() throws Exception {
        TestBrowser browser = browser();
        browser.visit(session -> session.login("alice"));
        List<HeldRequest<String>> rotations = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int number = i;
            rotations.add(browser.through(node(i)).hold(session -> {
                session.set(SessionKey.of("key" + number, Integer.class), number);
                session.rotate();
                return session.userId();
            }));
        }
        long cookies = 0;
        for (HeldRequest<String> rotation : rotations) {
            assertThat(rotation.release()).isEqualTo("alice");
            cookies += rotation.response().setCookies().size();
        }
        assertThat(cookies).isEqualTo(1);
        browser.visit(session -> {
            assertThat(session.userId()).isEqualTo("alice");
            assertThat(session.keys()).hasSize(6);
        });
    }

    @Test
    void twoVisitorsRequestsAtOnceMakeTwoSessions() {
        TestBrowser browser = browser();
        HeldRequest<String> first = browser.hold(session -> {
            session.set(NAME, "first");
            return "held";
        });
        HeldRequest<String> second = browser.through(two).hold(session -> {
            session.set(NAME, "second");
            return "held";
        });
        first.release();
        second.release();
        assertThat(browser.<String>request(session -> session.get(NAME))).isEqualTo("second");
        assertThat(one.stats().created() + two.stats().created()).isEqualTo(2);
    }

    @Test
    void writersToAPlantedIdCannotStopASignIn() throws Exception {
        for (int i = 0; i < 10; i++) {
            TestBrowser attacker = browser();
            attacker.visit(session -> session.set(NAME, "planted"));
            TestBrowser victim = attacker.copyOfJar();
            AtomicBoolean stop = new AtomicBoolean();
            CountDownLatch writing = new CountDownLatch(2);
            List<Thread> writers = IntStream.range(0, 2)
                    .mapToObj(number -> new Thread(() -> {
                        for (int n = 0; !stop.get(); n++) {
                            int value = n;
                            try {
                                attacker.through(node(number)).visit(session -> session.set(HITS, value));
                            } catch (SessionConflictException busy) {
                                continue; // the other writer was faster all the time
                            }
                            writing.countDown();
                        }
                    }))
                    .toList();
            writers.forEach(Thread::start);
            try {
                assertThat(writing.await(30, TimeUnit.SECONDS)).isTrue();
                victim.visit(session -> session.login("victim"));
                assertThat(victim.<String>request(Session::userId)).isEqualTo("victim");
                assertThat(attacker.<String>request(Session::userId)).isNull();
            } finally {
                stop.set(true);
                for (Thread writer : writers) {
                    writer.join(TimeUnit.SECONDS.toMillis(30));
                }
            }
        }
    }
}
