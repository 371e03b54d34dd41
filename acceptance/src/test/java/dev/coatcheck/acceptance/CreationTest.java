package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.Session;
import dev.coatcheck.SessionConflictException;
import dev.coatcheck.SessionKey;
import dev.coatcheck.test.FaultyStore.Fault;
import dev.coatcheck.test.StoreVerb;
import dev.coatcheck.test.TestBrowser;
import dev.coatcheck.test.TestExchange;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a session comes into being, and when not. */
class CreationTest extends EmbeddedNodes {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);

    private List<String> setCookies(TestBrowser browser) {
        return browser.lastResponse().setCookies();
    }

    @Test
    void aVisitorWhoReadsGetsNoCookieAndNoRecord() {
        TestBrowser browser = browser();
        assertThat(cost(() -> browser.visit(session -> {
                    assertThat(session.get(X)).isNull();
                    assertThat(session.id()).isNull();
                    assertThat(session.isNew()).isTrue();
                    assertThat(session.userId()).isNull();
                })))
                .isZero();
        assertThat(setCookies(browser)).isEmpty();
    }

    @Test
    void theFirstValueMakesOneRecordAndOneCookie() {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.set(X, 1);
            assertThat(session.isNew()).isTrue();
        });
        assertThat(setCookies(browser)).hasSize(1);
        assertThat(counting.counts().create()).isEqualTo(1);
        browser.visit(session -> assertThat(session.isNew()).isFalse());
    }

    @Test
    void setAndRemovedInTheFirstRequestMakesNothing() {
        TestBrowser browser = browser();
        assertThat(cost(() -> browser.visit(session -> {
                    session.set(X, 1);
                    session.remove(X);
                })))
                .isZero();
        assertThat(setCookies(browser)).isEmpty();
    }

    @Test
    void whatTakesFromNothingOrMovesNothingMakesNothing() {
        TestBrowser browser = browser();
        assertThat(cost(() -> browser.visit(session -> {
                    session.remove(X);
                    session.set(X, null);
                    session.clear();
                    assertThat(session.take(X)).isNull();
                    assertThat(session.update(X, n -> n)).isNull();
                    assertThat(session.takeFlash()).isEmpty();
                    session.rotate();
                    session.changeId();
                    session.idleTimeout(Duration.ofMinutes(1));
                    session.expireIn(Duration.ofMinutes(1));
                    session.rememberMe();
                    session.discard();
                    session.commit();
                })))
                .isZero();
        assertThat(setCookies(browser)).isEmpty();
    }

    @Test
    void whatIsDiscardedInTheFirstRequestMakesNothing() {
        TestBrowser browser = browser();
        assertThat(cost(() -> browser.visit(session -> {
                    session.set(X, 1);
                    session.untyped().require();
                    session.login("alice");
                    session.discard();
                    assertThat(session.userId()).isNull();
                    assertThat(session.id()).isNull();
                })))
                .isZero();
        assertThat(setCookies(browser)).isEmpty();
    }

    @Test
    void aRequiredSessionIsMadeThoughItIsEmpty() {
        TestBrowser browser = browser();
        String id = browser.request(session -> {
            session.untyped().require();
            return session.id();
        });
        assertThat(setCookies(browser)).hasSize(1);
        assertThat(browser.<String>request(Session::id)).isEqualTo(id);
    }

    @Test
    void aNewSessionsIdIsKnownBeforeItsCommit() {
        TestBrowser browser = browser();
        String id = browser.request(session -> {
            session.set(X, 1);
            return session.id();
        });
        assertThat(id).hasSize(20);
        assertThat(browser.<String>request(Session::id)).isEqualTo(id);
        assertThat(browser.<String>request(Session::requestedId)).isEqualTo(id);
    }

    @Test
    void aTakenIdLeavesItsRecordAloneAndAnotherIsDrawn() {
        TestBrowser browser = browser();
        faults.next(StoreVerb.CREATE, Fault.EXISTS);
        browser.visit(session -> session.set(X, 1));
        assertThat(counting.counts().create()).isEqualTo(2);
        browser.visit(session -> assertThat(session.get(X)).isEqualTo(1));
    }

    @Test
    void tenThousandReadingVisitorsAndLogOutsLeaveNothing() {
        for (int i = 0; i < 10_000; i++) {
            browser().visit(session -> {
                assertThat(session.userId()).isNull();
                assertThat(session.logout()).isTrue();
            });
        }
        assertThat(counting.counts().total()).isZero();
    }

    @Test
    void tenThousandWrongSignInsMakeNoRecord() {
        for (int i = 0; i < 10_000; i++) {
            TestBrowser browser = browser();
            String token = browser.request(Session::csrfToken);
            assertThat(browser.post().<Boolean>request(session -> session.isCsrfValid(token)))
                    .isTrue();
        }
        assertThat(counting.counts().total()).isZero();
    }

    @Test
    void theTextOfASessionThatNobodyTouchedSaysSoAndLoadsNothing() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(X, 1));
        assertThat(cost(() ->
                        browser.visit(session -> assertThat(session.toString()).contains("not loaded"))))
                .isZero();
        browser.visit(session -> {
            session.set(SessionKey.of("secret", String.class), "hush");
            assertThat(session.toString()).contains(session.id()).doesNotContain("hush", "secret");
        });
    }

    @Test
    void oneExchangeHasOneSessionPerManager() {
        TestExchange exchange = browser().exchange();
        assertThat(one.current(exchange)).isSameAs(one.current(exchange)).isNotSameAs(two.current(exchange));
    }

    @Test
    void afterTheHeaderIsOutANewSessionIsRefusedAndAnOldOneIsStored() {
        TestBrowser browser = browser();
        browser.visit(session -> {}, session -> {
            assertThatThrownBy(() -> session.set(X, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cookie");
            assertThatThrownBy(() -> session.login("alice")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(session::csrfToken).isInstanceOf(IllegalStateException.class);
        });
        assertThat(counting.keys()).isEmpty();
        browser.visit(session -> session.set(X, 1));
        browser.visit(session -> {}, session -> session.set(X, 2));
        browser.visit(session -> assertThat(session.get(X)).isEqualTo(2));
        browser.visit(
                session -> {},
                session -> assertThatThrownBy(session::rotate).isInstanceOf(IllegalStateException.class));
    }

    @Test
    void anExplicitCommitAndALaterChangeAreTwoWrites() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(X, 1));
        assertThat(cost(() -> browser.visit(session -> {
                    session.set(X, 2);
                    session.commit();
                    session.set(X, 3);
                })))
                .isEqualTo(3);
        browser.visit(session -> assertThat(session.get(X)).isEqualTo(3));
    }

    @Test
    void anExplicitCommitOfANewSessionSendsOneCookie() {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.set(X, 1);
            session.commit();
            session.login("alice");
            session.commit();
        });
        assertThat(setCookies(browser)).hasSize(1);
        assertThat(browser.<String>request(Session::userId)).isEqualTo("alice");
    }

    @Test
    void aSessionIsOfNoUseAfterItsRequest() {
        TestBrowser browser = browser();
        Session[] kept = new Session[1];
        browser.visit(session -> {
            session.set(X, 1);
            kept[0] = session;
        });
        assertThatThrownBy(() -> kept[0].get(X)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> kept[0].set(X, 2)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> kept[0].commit()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> kept[0].logout()).isInstanceOf(IllegalStateException.class);
        browser.visit(session -> assertThat(session.get(X)).isEqualTo(1));
    }

    @Test
    void aHandlerThatThrowsIsCommitted() {
        TestBrowser browser = browser();
        assertThatThrownBy(() -> browser.visit(session -> {
                    session.set(X, 1);
                    throw new IllegalArgumentException("handler");
                }))
                .hasMessage("handler");
        browser.visit(session -> assertThat(session.get(X)).isEqualTo(1));
    }

    @Test
    void aSessionThatIsEmptiedLivesOn() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(X, 1));
        browser.visit(session -> session.remove(X));
        assertThat(setCookies(browser)).isEmpty();
        browser.visit(session -> {
            assertThat(session.isNew()).isFalse();
            assertThat(session.keys()).isEmpty();
        });
    }

    @Test
    void aResponseThatDependsOnTheSessionSaysSoToCaches() {
        TestBrowser browser = browser();
        browser.visit(session -> {});
        assertThat(browser.lastResponse().headers("Vary")).isEmpty();
        browser.visit(session -> assertThat(session.userId()).isNull());
        assertThat(browser.lastResponse().headers("Vary")).containsExactly("Cookie");
        assertThat(browser.lastResponse().headers("Cache-Control")).isEmpty();
        browser.visit(session -> session.set(X, 1));
        assertThat(browser.lastResponse().headers("Vary")).containsExactly("Cookie");
        assertThat(browser.lastResponse().headers("Cache-Control")).containsExactly("no-store");
    }

    @Test
    void anUnchangedSessionGetsNoCookieAgain() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(X, 1));
        for (int i = 0; i < 100; i++) {
            browser.visit(session -> assertThat(session.get(X)).isEqualTo(1));
            assertThat(setCookies(browser)).isEmpty();
        }
    }

    @Test
    void aSessionThatEndsDuringAnUpdateIsAnErrorAtTheApplicationsOwnCommitAlone() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(X, 1));
        TestBrowser other = browser.copyOfJar();
        browser.visit(session -> {
            session.update(X, 0, n -> n + 1);
            other.visit(Session::logout);
            assertThatThrownBy(session::commit).isInstanceOf(SessionConflictException.class);
        });
        assertThat(setCookies(browser)).isEmpty();
    }
}
