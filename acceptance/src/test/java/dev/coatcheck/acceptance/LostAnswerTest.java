package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.Session;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.test.FaultyStore;
import dev.coatcheck.test.FaultyStore.Fault;
import dev.coatcheck.test.StoreVerb;
import dev.coatcheck.test.TestBrowser;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Writes whose answer is lost: applied or not, late or never, nothing happens twice and nothing is claimed wrongly. */
class LostAnswerTest extends TwoNodes {
    private static final SessionKey<Integer> HITS = SessionKey.of("hits", Integer.class);

    private FaultyStore faults;

    @Override
    SessionStore open() {
        faults = new FaultyStore(new EmbeddedSessionStore(EmbeddedSessionStore.DEFAULT_MAX_BYTES, clock));
        return faults;
    }

    /** Without an index of users, whose lost answers are {@link DeviceFaultsTest}'s: each write here is a session's. */
    @Override
    SessionManager.Builder node() {
        return super.node().devices(false);
    }

    private TestBrowser withOneHit() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(HITS, 1));
        return browser;
    }

    private static void hit(Session session) {
        session.update(HITS, 0, n -> n + 1);
    }

    private static int hits(TestBrowser browser) {
        return browser.<Integer>request(session -> session.get(HITS));
    }

    @ParameterizedTest
    @EnumSource(names = {"UNKNOWN_APPLIED", "UNKNOWN_DROPPED", "UNKNOWN_LATE"})
    void anUpdateRunsOnce(Fault fault) {
        TestBrowser browser = withOneHit();
        faults.next(StoreVerb.REPLACE, fault);
        browser.visit(LostAnswerTest::hit);
        assertThat(hits(browser)).isEqualTo(2);
        faults.release();
        assertThat(hits(browser)).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(names = {"UNKNOWN_APPLIED", "UNKNOWN_DROPPED", "UNKNOWN_LATE"})
    void anUpdateRunsOnceThoughOthersWriteMeanwhile(Fault fault) {
        TestBrowser browser = withOneHit();
        var slow = browser.hold(session -> {
            hit(session);
            return "held";
        });
        browser.through(two).visit(LostAnswerTest::hit);
        faults.next(StoreVerb.REPLACE, fault);
        slow.release();
        faults.release();
        assertThat(hits(browser)).isEqualTo(3);
    }

    @Test
    void anUpdateThatNobodyCanTellIsAnErrorAndRunsNotTwice() {
        TestBrowser browser = withOneHit();
        faults.next(StoreVerb.REPLACE, Fault.UNKNOWN_APPLIED);
        faults.always(Fault.FAIL, StoreVerb.LOAD_FRESH);
        assertThatThrownBy(() -> browser.visit(LostAnswerTest::hit)).isInstanceOf(SessionUnavailableException.class);
        faults.heal();
        assertThat(hits(browser)).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(names = {"UNKNOWN_APPLIED", "UNKNOWN_DROPPED", "UNKNOWN_LATE", "EXISTS"})
    void aNewSessionGetsAnotherIdAndTheFirstOneIsReachedByNobody(Fault fault) {
        TestBrowser browser = browser();
        faults.next(StoreVerb.CREATE, fault);
        browser.visit(session -> session.set(HITS, 1));
        faults.release();
        assertThat(hits(browser)).isEqualTo(1);
        assertThat(one.stats().created()).isEqualTo(1);
    }

    @Test
    void aStoreThatNeverAnswersACreateIsAway() {
        TestBrowser browser = browser();
        faults.next(StoreVerb.CREATE, 10, Fault.UNKNOWN_DROPPED);
        assertThatThrownBy(() -> browser.visit(session -> session.set(HITS, 1)))
                .isInstanceOf(SessionUnavailableException.class);
        assertThat(browser.lastResponse().setCookies()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"UNKNOWN_APPLIED", "UNKNOWN_DROPPED", "UNKNOWN_LATE"})
    void aSignInWhoseMarkIsLostIsFinal(Fault fault) {
        TestBrowser browser = withOneHit();
        TestBrowser attacker = browser.copyOfJar();
        faults.next(StoreVerb.REPLACE, fault);
        browser.visit(session -> session.login("alice"));
        faults.release();
        assertThat(browser.<String>request(Session::userId)).isEqualTo("alice");
        assertThat(hits(browser)).isEqualTo(1);
        attacker.visit(session -> {
            assertThat(session.userId()).isNull();
            assertThat(session.get(HITS)).isNull();
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"FAIL", "UNKNOWN_DROPPED"})
    void aRotationThatCannotMarkTheOldIdKeepsItAndSendsNoCookie(Fault fault) {
        TestBrowser browser = withOneHit();
        faults.always(fault, StoreVerb.REPLACE);
        if (fault == Fault.UNKNOWN_DROPPED) {
            faults.always(Fault.FAIL, StoreVerb.LOAD_FRESH);
        }
        assertThatThrownBy(() -> browser.visit(Session::rotate)).isInstanceOf(SessionUnavailableException.class);
        assertThat(browser.lastResponse().setCookies()).isEmpty();
        faults.heal();
        assertThat(hits(browser)).isEqualTo(1);
        assertThat(faults.keys()).hasSize(1);
    }

    @Test
    void aNewIdWhoseRecordTheStoreDoesNotTakeLeavesTheOldSessionAsItWas() {
        for (Consumer<Session> move :
                List.<Consumer<Session>>of(Session::rotate, Session::changeId, session -> session.login("alice"))) {
            TestBrowser browser = withOneHit();
            Set<SessionStore.Key> before = Set.copyOf(faults.keys());
            faults.always(Fault.FAIL, StoreVerb.CREATE);
            assertThatThrownBy(() -> browser.visit(session -> {
                        session.set(HITS, 5);
                        move.accept(session);
                    }))
                    .isInstanceOf(SessionUnavailableException.class);
            assertThat(browser.lastResponse().setCookies()).isEmpty();
            faults.heal();
            assertThat(hits(browser)).isEqualTo(1);
            assertThat(browser.<String>request(Session::userId)).isNull();
            assertThat(faults.keys()).isEqualTo(before);
        }
    }

    @Test
    void aSignInWhileTheOldIdIsOutOfReachSignsNobodyIn() {
        TestBrowser browser = withOneHit();
        faults.always(Fault.FAIL, StoreVerb.REPLACE);
        assertThatThrownBy(() -> browser.visit(session -> session.login("alice")))
                .isInstanceOf(SessionUnavailableException.class);
        assertThat(browser.lastResponse().setCookies()).isEmpty();
        faults.heal();
        assertThat(browser.<String>request(Session::userId)).isNull();
        assertThat(faults.keys()).hasSize(1);
    }

    @Test
    void aLogOutThatIsNotConfirmedIsRefusedHereAndSaidSo() {
        TestBrowser browser = withOneHit();
        TestBrowser thief = browser.copyOfJar();
        faults.always(Fault.FAIL, StoreVerb.END);
        assertThat(browser.<Boolean>request(Session::logout)).isFalse();
        assertThat(browser.lastResponse().setCookies())
                .singleElement()
                .asString()
                .contains("Max-Age=0");
        assertThat(kinds()).contains(Kind.UNCONFIRMED).doesNotContain(Kind.LOGGED_OUT);
        assertThat(thief.<Integer>request(session -> session.get(HITS))).isNull();
        assertThat(one.stats().unconfirmed()).isEqualTo(1);
        faults.heal();
        org.awaitility.Awaitility.await().until(() -> faults.keys().isEmpty());
        assertThat(thief.through(two).<Integer>request(session -> session.get(HITS)))
                .isNull();
        org.awaitility.Awaitility.await().until(() -> kinds().contains(Kind.LOGGED_OUT));
    }

    @Test
    void aLogOutWhileTheStoreIsAwayClearsTheCookieAndIsTriedAgain() {
        TestBrowser browser = withOneHit();
        TestBrowser thief = browser.copyOfJar();
        faults.always(Fault.FAIL);
        assertThat(browser.<Boolean>request(Session::logout)).isFalse();
        assertThat(browser.cookieLine()).isNull();
        faults.heal();
        assertThat(thief.<Integer>request(session -> session.get(HITS))).isNull();
        org.awaitility.Awaitility.await().until(() -> faults.keys().isEmpty());
    }

    @Test
    void aWriteThatTheStoreRefusesIsAnErrorUnderBothPolicies() {
        TestBrowser browser = withOneHit();
        faults.always(Fault.FAIL, StoreVerb.REPLACE);
        assertThatThrownBy(() -> browser.visit(LostAnswerTest::hit)).isInstanceOf(SessionUnavailableException.class);
        faults.heal();
        assertThat(hits(browser)).isEqualTo(1);
    }

    @Test
    void aStoreThatRefusesEveryVersionEndsInATypedError() {
        TestBrowser browser = withOneHit();
        faults.always(Fault.CONFLICT, StoreVerb.REPLACE);
        assertThatThrownBy(() -> browser.visit(LostAnswerTest::hit)).isInstanceOf(dev.coatcheck.SessionException.class);
        faults.heal();
        assertThat(hits(browser)).isEqualTo(1);
    }

    @Test
    void aLostRecordIsEndedAloudAndTheVisitorGoesOn() {
        TestBrowser browser = withOneHit();
        faults.next(StoreVerb.LOAD, Fault.LOST);
        browser.visit(session -> {
            assertThat(session.get(HITS)).isNull();
            session.set(HITS, 7);
        });
        assertThat(kinds()).contains(Kind.LOST);
        assertThat(hits(browser)).isEqualTo(7);
    }
}
