package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.Session;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.StoreFailurePolicy;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.test.FaultyStore.Fault;
import dev.coatcheck.test.StoreVerb;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What a request sees of a store that is away. */
class OutageTest extends EmbeddedNodes {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);
    private static final SessionKey<Integer> BANNED =
            SessionKey.of("banned", Integer.class).guarded();

    private TestBrowser signedIn() {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.login("alice");
            session.set(X, 1);
            session.set(BANNED, 1);
        });
        return browser;
    }

    @Test
    void theFirstTouchFailsAndTheCookieStaysGood() {
        TestBrowser browser = signedIn();
        String line = browser.cookieLine();
        faults.always(Fault.FAIL);
        List<Consumer<Session>> touches = List.of(
                Session::userId,
                Session::id,
                session -> session.get(X),
                session -> session.set(X, 2),
                session -> session.update(X, 0, n -> n + 1),
                session -> session.take(X),
                Session::keys,
                Session::csrfToken,
                Session::takeFlash,
                session -> session.flash("x"),
                session -> session.login("alice"),
                Session::rotate,
                Session::createdAt,
                Session::isNew);
        for (Consumer<Session> touch : touches) {
            assertThatThrownBy(() -> browser.visit(touch)).isInstanceOf(SessionUnavailableException.class);
            assertThat(browser.lastResponse().setCookies()).isEmpty();
        }
        assertThatThrownBy(() -> browser.post().visit(session -> session.isCsrfValid("x")))
                .isInstanceOf(SessionUnavailableException.class);
        assertThat(browser.cookieLine()).isEqualTo(line);
        assertThat(kinds()).contains(Kind.DEGRADED);
        faults.heal();
        assertThat(browser.<String>request(Session::userId)).isEqualTo("alice");
    }

    @Test
    void aPageThatCanDoWithoutAsksFirst() {
        TestBrowser browser = signedIn();
        faults.always(Fault.FAIL);
        browser.visit(session -> assertThat(session.isAvailable()).isFalse());
        assertThat(browser.lastResponse().setCookies()).isEmpty();
        faults.heal();
        browser.visit(session -> assertThat(session.isAvailable()).isTrue());
        browser().visit(session -> assertThat(session.isAvailable()).isTrue());
    }

    @Test
    void aVisitorWithoutATicketReadsOnWhileTheStoreIsAway() {
        faults.always(Fault.FAIL);
        browser().visit(session -> {
            assertThat(session.userId()).isNull();
            assertThat(session.csrfToken()).hasSize(48);
        });
        TestBrowser browser = browser();
        assertThatThrownBy(() -> browser.visit(session -> session.set(X, 1)))
                .isInstanceOf(SessionUnavailableException.class);
        assertThat(browser.lastResponse().setCookies()).isEmpty();
    }

    @Test
    void whatTheFirstLoadSaysStaysForTheRequest() {
        TestBrowser browser = signedIn();
        faults.next(StoreVerb.LOAD, Fault.FAIL);
        browser.visit(session -> {
            assertThat(session.isAvailable()).isFalse();
            assertThat(session.isAvailable()).isFalse();
            assertThatThrownBy(session::userId).isInstanceOf(SessionUnavailableException.class);
        });
        browser.visit(session -> {
            assertThat(session.userId()).isEqualTo("alice");
            faults.always(Fault.FAIL);
            assertThat(session.get(X)).isEqualTo(1);
            assertThat(session.isAvailable()).isTrue();
        });
    }

    @Test
    void degradedReadsAreAbsentAndWhatADecisionHangsOnThrows() {
        TestBrowser browser = signedIn();
        faults.always(Fault.FAIL);
        try (SessionManager degrading =
                node().onStoreFailure(StoreFailurePolicy.DEGRADE).build()) {
            TestBrowser degraded = browser.through(degrading);
            degraded.visit(session -> {
                assertThat(session.userId()).isNull();
                assertThat(session.get(X)).isNull();
                assertThat(session.has(X)).isFalse();
                assertThat(session.id()).isNull();
                assertThat(session.keys()).isEmpty();
                assertThat(session.takeFlash()).isEmpty();
                assertThat(session.isAvailable()).isFalse();
                assertThat(session.untyped().get("x")).isNull();
                assertThat(session.find(X)).isEmpty();
                assertThat(session.takeFlash("error")).isEmpty();
                assertThat(session.isNew()).isTrue();
                assertThat(session.requestedId()).hasSize(20);
                assertThat(session.createdAt()).isEqualTo(clock.instant());
                assertThat(session.lastAccessedAt()).isEqualTo(clock.instant());
                assertThat(session.expiresAt()).isEqualTo(clock.instant());
            });
            List<Consumer<Session>> refused = List.of(
                    session -> session.get(BANNED),
                    session -> session.find(BANNED),
                    session -> session.has(BANNED),
                    session -> session.take(BANNED),
                    session -> session.set(X, 1),
                    session -> session.set(X, null),
                    session -> session.update(X, 0, n -> n + 1),
                    session -> session.update(X, n -> n),
                    session -> session.take(X),
                    session -> session.remove(X),
                    Session::clear,
                    session -> session.flash("hello"),
                    session -> session.flash("error", "hello"),
                    session -> session.login("alice"),
                    Session::rememberMe,
                    Session::rotate,
                    Session::changeId,
                    session -> session.idleTimeout(Duration.ofMinutes(1)),
                    session -> session.expireIn(Duration.ofMinutes(1)),
                    session -> session.expireAt(clock.instant()),
                    session -> session.untyped().set("x", 1),
                    session -> session.untyped().require(),
                    session -> session.authenticatedWithin(Duration.ofMinutes(1)),
                    Session::csrfToken);
            for (Consumer<Session> touch : refused) {
                assertThatThrownBy(() -> degraded.visit(touch)).isInstanceOf(SessionUnavailableException.class);
                assertThat(degraded.lastResponse().setCookies()).isEmpty();
            }
            assertThatThrownBy(() -> degraded.post().visit(session -> session.isCsrfValid("x")))
                    .isInstanceOf(SessionUnavailableException.class);
            faults.heal();
            assertThat(degraded.<String>request(Session::userId)).isEqualTo("alice");
        }
    }

    @Test
    void aCommitThatFailsIsAnErrorUnderBothPoliciesAndTheOldStateStays() {
        TestBrowser browser = signedIn();
        try (SessionManager degrading =
                node().onStoreFailure(StoreFailurePolicy.DEGRADE).build()) {
            for (SessionManager manager : List.of(one, degrading)) {
                faults.always(Fault.FAIL, StoreVerb.REPLACE);
                assertThatThrownBy(() -> browser.through(manager).visit(session -> session.set(X, 9)))
                        .isInstanceOf(SessionUnavailableException.class);
                faults.heal();
                assertThat(browser.through(manager).<Integer>request(session -> session.get(X)))
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void aFailedCommitMayBeRepeatedByTheApplication() {
        TestBrowser browser = signedIn();
        browser.visit(session -> {
            session.set(X, 5);
            faults.always(Fault.FAIL, StoreVerb.REPLACE);
            assertThatThrownBy(session::commit).isInstanceOf(SessionUnavailableException.class);
            faults.heal();
            session.commit();
        });
        assertThat(browser.<Integer>request(session -> session.get(X))).isEqualTo(5);
    }

    @Test
    void whatAnOwnCommitCouldNotStoreIsStoredAtTheEndOfTheRequest() {
        TestBrowser browser = signedIn();
        browser.visit(session -> {
            session.set(X, 5);
            faults.always(Fault.FAIL, StoreVerb.REPLACE);
            assertThatThrownBy(session::commit).isInstanceOf(SessionUnavailableException.class);
            faults.heal();
        });
        assertThat(browser.<Integer>request(session -> session.get(X))).isEqualTo(5);
    }

    @Test
    void theErrorPageAfterAFailedCommitCommitsWithoutIt() {
        TestBrowser browser = signedIn();
        var exchange = browser.exchange();
        one.current(exchange).set(X, 5);
        faults.always(Fault.FAIL, StoreVerb.REPLACE);
        assertThatThrownBy(() -> one.commit(exchange)).isInstanceOf(SessionUnavailableException.class);
        one.commit(exchange);
        one.finish(exchange);
        faults.heal();
        assertThat(browser.<Integer>request(session -> session.get(X))).isEqualTo(1);
    }

    @Test
    void aStoreThatBreaksItsContractIsAwayAndItsExceptionIsTheCause() {
        TestBrowser browser = signedIn();
        faults.tamper(value -> {
            throw new IllegalStateException("broken");
        });
        assertThatThrownBy(() -> browser.visit(Session::userId)).isInstanceOf(SessionUnavailableException.class);
        faults.tamper(value -> value);
        assertThat(browser.<String>request(Session::userId)).isEqualTo("alice");
    }

    @Test
    void aThousandRequestsOfOneSessionOnAStallingStoreSeeTheSessionOrAnError() throws Exception {
        TestBrowser browser = signedIn();
        faults.next(StoreVerb.LOAD, 500, Fault.STALL);
        faults.nth(StoreVerb.LOAD, 600, Fault.FAIL);
        ExecutorService threads = Executors.newFixedThreadPool(1_000);
        try {
            List<Future<String>> seen = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                seen.add(threads.submit(() -> {
                    try {
                        return String.valueOf(browser.<String>request(Session::userId));
                    } catch (SessionUnavailableException e) {
                        return "unavailable";
                    }
                }));
            }
            faults.awaitStalled(500);
            faults.release();
            for (Future<String> one : seen) {
                assertThat(one.get()).isIn("alice", "unavailable");
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aMissWhileTheStoreIsNotSettledIsNotRemembered() {
        TestBrowser browser = signedIn();
        faults.settled(false);
        faults.next(StoreVerb.LOAD, Fault.ABSENT);
        assertThat(browser.<String>request(Session::userId)).isNull();
        assertThat(browser.<String>request(Session::userId)).isEqualTo("alice");
    }

    @Test
    void sessionsWorkAgainAsSoonAsTheStoreDoes() {
        TestBrowser browser = signedIn();
        for (int i = 0; i < 3; i++) {
            faults.always(Fault.FAIL);
            assertThatThrownBy(() -> browser.visit(Session::userId)).isInstanceOf(SessionUnavailableException.class);
            faults.heal();
            assertThat(browser.<String>request(Session::userId)).isEqualTo("alice");
        }
    }

    @Test
    void aStoreThatForgetsLeavesACleanVisitor() {
        TestBrowser browser = signedIn();
        faults.forgetAll();
        browser.visit(session -> {
            assertThat(session.userId()).isNull();
            session.set(X, 3);
        });
        assertThat(browser.<Integer>request(session -> session.get(X))).isEqualTo(3);
    }

    /** Reading renews, so what is found dead would look alive to the next request, were its end forgotten. */
    @Test
    void aSessionThatWasFoundDeadStaysDeadThoughTheStoreDoesNotConfirmItsEnd() {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.login("alice");
            session.idleTimeout(Duration.ofMinutes(1));
        });
        clock.advance(Duration.ofMinutes(2));
        faults.always(Fault.FAIL, StoreVerb.END);
        for (int i = 0; i < 2; i++) {
            assertThat(browser.<String>request(Session::userId)).isNull();
        }
        faults.heal();
        Awaitility.await().until(() -> sessionKeys().isEmpty());
        assertThat(browser.<String>request(Session::userId)).isNull();
        Awaitility.await().untilAsserted(() -> assertThat(kinds()).containsOnlyOnce(Kind.EXPIRED));
        assertThat(kinds()).doesNotContain(Kind.LOGGED_OUT, Kind.UNCONFIRMED);
    }
}
