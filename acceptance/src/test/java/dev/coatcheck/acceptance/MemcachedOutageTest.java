package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.Session;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.StoreFailurePolicy;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.test.HeldRequest;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;

/** What users see of a memcached that is killed, frozen, slow, cut off or full. Nobody is logged out by any of it. */
class MemcachedOutageTest extends TwoNodes {
    private static final SessionKey<Integer> HITS = SessionKey.of("hits", Integer.class);
    /** What a busy machine may need, some timeouts included; a call without a timeout would take as long as its fault. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final OneMemcached memcached = new OneMemcached(new String[0], "timeout=2s");

    MemcachedOutageTest() {
        super(OneMemcached.clock());
    }

    @Override
    SessionStore open() {
        return memcached.one();
    }

    @Override
    SessionStore openSecond() {
        return memcached.two();
    }

    @Override
    void stopServers() {
        memcached.stop();
    }

    private TestBrowser signedIn() {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.login("alice");
            session.set(HITS, 0);
        });
        return browser;
    }

    private static void hit(Session session) {
        session.update(HITS, 0, hits -> hits + 1);
    }

    private static int hits(TestBrowser browser) {
        return browser.<Integer>request(session -> session.get(HITS));
    }

    private static ConditionFactory soon() {
        return Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .ignoreException(SessionUnavailableException.class);
    }

    private static void awaitUser(TestBrowser browser, String user) {
        soon().until(() -> user.equals(browser.<String>request(Session::userId)));
    }

    private static Duration timed(Runnable task) {
        long start = System.nanoTime();
        task.run();
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Reads, writes and sign-ins fail, and no cookie is sent. */
    private void assertUnavailable(TestBrowser browser) {
        String cookie = browser.cookieLine();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> browser.visit(Session::userId)).isInstanceOf(SessionUnavailableException.class);
            assertThat(browser.lastResponse().setCookies()).isEmpty();
            assertThatThrownBy(() -> browser.visit(MemcachedOutageTest::hit))
                    .isInstanceOf(SessionUnavailableException.class);
            assertThat(browser.lastResponse().setCookies()).isEmpty();
        }
        TestBrowser visitor = browser();
        assertThatThrownBy(() -> visitor.visit(session -> session.login("bob")))
                .isInstanceOf(SessionUnavailableException.class);
        assertThat(visitor.cookieLine()).isNull();
        assertThat(browser.cookieLine()).isEqualTo(cookie);
    }

    private static void assertServes(SessionManager node, TestBrowser visitor) {
        visitor.through(node).visit(session -> session.login("carol"));
        assertThat(visitor.through(node).<String>request(Session::userId)).isEqualTo("carol");
    }

    @Test
    void aKilledServerIsUnavailableAndARestartedOneHasForgottenWithoutAnError() {
        TestBrowser browser = signedIn();
        memcached.server.kill();
        assertUnavailable(browser);
        memcached.server.restart();
        soon().until(() -> browser.<Boolean>request(session -> session.userId() == null));
        soon().untilAsserted(() -> assertServes(one, browser()));
        soon().untilAsserted(() -> assertServes(two, browser()));
        assertThat(browser.<String>request(session -> {
                    session.login("alice");
                    return session.userId();
                }))
                .isEqualTo("alice");
    }

    @Test
    void aFrozenServerIsUnavailableAndEverybodyIsStillSignedInAfterTheThaw() {
        TestBrowser browser = signedIn();
        memcached.server.freeze();
        assertThat(timed(() -> assertThatThrownBy(() -> browser.visit(Session::userId))
                        .isInstanceOf(SessionUnavailableException.class)))
                .isLessThan(PATIENCE);
        assertThat(timed(() -> assertUnavailable(browser)))
                .as("seven requests, which would take fourteen seconds if each waited")
                .isLessThan(Duration.ofSeconds(10));
        memcached.server.thaw();
        awaitUser(browser, "alice");
        awaitUser(browser.through(two), "alice");
    }

    @Test
    void aSlowServerIsWaitedFor() {
        TestBrowser browser = signedIn();
        memcached.wireOne.delay(Duration.ofMillis(100));
        browser.visit(MemcachedOutageTest::hit);
        assertThat(hits(browser)).isEqualTo(1);
        assertThat(memcached.wireOne.heal().happened()).isPositive();
    }

    @Test
    void aServerThatDripsIsCutOffAtTheDeadline() {
        TestBrowser browser = signedIn();
        memcached.wireOne.drip(PATIENCE);
        assertThat(timed(() -> assertThatThrownBy(() -> browser.visit(Session::userId))
                        .isInstanceOf(SessionUnavailableException.class)))
                .isLessThan(PATIENCE);
        memcached.wireOne.heal();
        awaitUser(browser, "alice");
    }

    @Test
    void aPeerThatVanishedIsNoticedAtTheDeadlineAndFoundAgain() {
        TestBrowser browser = signedIn();
        memcached.wireOne.loseRequests();
        assertThat(timed(() -> assertThatThrownBy(() -> browser.visit(Session::userId))
                        .isInstanceOf(SessionUnavailableException.class)))
                .isLessThan(PATIENCE);
        assertUnavailable(browser);
        awaitUser(browser.through(two), "alice");
        memcached.wireOne.heal();
        awaitUser(browser, "alice");
    }

    @Test
    void aServerThatRefusesConnectionsIsFoundAgainWithoutARestart() {
        TestBrowser browser = signedIn();
        memcached.wireOne.refuse();
        assertUnavailable(browser);
        memcached.wireOne.heal();
        awaitUser(browser, "alice");
    }

    @Test
    void aWriteWhoseReplyWasLostCountsAsSuccessAndRunsOnce() {
        TestBrowser browser = signedIn();
        long start = System.nanoTime();
        Awaitility.await().until(() -> System.nanoTime() - start > 1_100_000_000L); // connections that had been of use
        HeldRequest<Integer> held = browser.hold(session -> session.update(HITS, 0, hits -> hits + 1));
        memcached.wireOne.resetCounters().cutAfter(0);
        assertThat(held.release()).isEqualTo(1);
        assertThat(memcached.wireOne.heal().happened()).isEqualTo(1);
        assertThat(memcached.wireOne.requests().stream().filter(line -> line.startsWith("ms ")))
                .as("it was not sent twice")
                .hasSize(1);
        assertThat(hits(browser)).isEqualTo(1);
        assertThat(one.stats().conflicts()).isZero();
        assertThat(kinds()).doesNotContain(Kind.CONFLICT, Kind.DEGRADED);
    }

    @Test
    void aWriteWhoseReplyNeverCameIsAnErrorAndHappenedAtMostOnce() {
        TestBrowser browser = signedIn();
        HeldRequest<Integer> held = browser.hold(session -> session.update(HITS, 0, hits -> hits + 1));
        memcached.wireOne.dropReplies();
        assertThat(held.releaseFailing(SessionUnavailableException.class)).isNotNull();
        memcached.wireOne.heal();
        awaitUser(browser, "alice");
        assertThat(hits(browser)).isEqualTo(1);
    }

    @Test
    void withNoServerAtTheStartTheApplicationStartsAndRequestsFollowThePolicy() {
        TestBrowser browser = signedIn();
        memcached.wireOne.refuse();
        SessionStore late = memcached.one();
        try (SessionManager failing = node().store(late).build();
                SessionManager degrading = node().store(late)
                        .onStoreFailure(StoreFailurePolicy.DEGRADE)
                        .build()) {
            assertThatThrownBy(() -> browser.through(failing).visit(Session::userId))
                    .isInstanceOf(SessionUnavailableException.class);
            browser.through(degrading).visit(session -> {
                assertThat(session.isAvailable()).isFalse();
                assertThat(session.get(HITS)).isNull();
            });
            browser()
                    .through(failing)
                    .visit(session -> assertThat(session.userId()).isNull());
            memcached.wireOne.heal();
            awaitUser(browser.through(failing), "alice");
            awaitUser(browser.through(degrading), "alice");
        } finally {
            late.close();
        }
    }

    @Test
    void aLogOutWhileTheServerIsFrozenIsUnconfirmedAndDoneWhenItIsBack() {
        TestBrowser browser = signedIn();
        TestBrowser thief = browser.copyOfJar();
        HeldRequest<Boolean> held = browser.hold(session -> {
            assertThat(session.userId()).isEqualTo("alice");
            memcached.server.freeze();
            return session.logout();
        });
        assertThat(held.release()).isFalse();
        assertThat(browser.cookie(COOKIE)).as("the cookie is gone all the same").isNull();
        assertThat(kinds()).contains(Kind.UNCONFIRMED);
        memcached.server.thaw();
        soon().until(() -> thief.through(two).<Boolean>request(session -> session.userId() == null));
    }

    @Test
    void anInterruptInTheMiddleOfAReplyHurtsNobodyElse() throws Exception {
        TestBrowser alice = signedIn();
        TestBrowser bob = browser();
        bob.visit(session -> session.login("bob"));
        memcached.wireOne.delay(Duration.ofMillis(10));
        Thread interrupted = new Thread(() -> {
            for (int i = 0; i < 5; i++) {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> alice.visit(Session::userId)).isInstanceOf(SessionUnavailableException.class);
                assertThat(Thread.interrupted()).isTrue();
            }
        });
        interrupted.start();
        for (int i = 0; i < 10; i++) {
            assertThat(bob.<String>request(Session::userId)).isEqualTo("bob");
        }
        interrupted.join(30_000);
        assertThat(interrupted.isAlive()).isFalse();
        assertThat(alice.<String>request(Session::userId)).isEqualTo("alice");
    }

    @Test
    void aCommitFromBeforeARestartNeverMakesARecord() {
        TestBrowser browser = signedIn();
        HeldRequest<Integer> held = browser.hold(session -> session.update(HITS, 0, hits -> hits + 1));
        memcached.server.restart();
        soon().until(() -> browser().<Boolean>request(session -> {
            session.set(HITS, 7); // on the new process, whose numbers begin again
            session.commit();
            return true;
        }));
        soon().until(() -> browser.<Boolean>request(session -> session.userId() == null));
        int before = memcached.server.keys().size();
        held.release();
        assertThat(memcached.server.keys()).hasSize(before);
        assertThat(browser.<String>request(Session::userId)).isNull();
    }
}
