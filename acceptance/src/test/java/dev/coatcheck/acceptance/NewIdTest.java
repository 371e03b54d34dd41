package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.Session;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.HeldRequest;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Rotation, sign-in and log-out: what the old id is worth afterwards. */
class NewIdTest extends EmbeddedNodes {
    private static final SessionKey<String> CART = SessionKey.of("cart", String.class);
    private static final SessionKey<String> CITY = SessionKey.of("city", String.class);
    private static final SessionKey<Boolean> ADMIN =
            SessionKey.of("admin", Boolean.class).guarded();

    private TestBrowser signedIn() {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.login("alice");
            session.set(CART, "coat");
        });
        return browser;
    }

    private static String user(TestBrowser browser) {
        return browser.request(Session::userId);
    }

    @Test
    void rotationGivesAnotherIdWithTheSameDataAndDeadline() {
        TestBrowser browser = signedIn();
        String id = browser.request(Session::id);
        Instant createdAt = browser.request(Session::createdAt);
        clock.advance(Duration.ofMinutes(1));
        Instant end = browser.request(Session::expiresAt);
        browser.visit(Session::rotate);
        browser.visit(session -> {
            assertThat(session.id()).isNotEqualTo(id);
            assertThat(session.userId()).isEqualTo("alice");
            assertThat(session.get(CART)).isEqualTo("coat");
            assertThat(session.createdAt()).isEqualTo(createdAt);
            assertThat(session.expiresAt()).isEqualTo(end);
        });
        assertThat(kinds()).contains(Kind.ROTATED);
    }

    @Test
    void aNewIdIsKnownBeforeItsCommitAndLeadsNowhereUntilThen() {
        TestBrowser browser = signedIn();
        browser.visit(session -> {
            String before = session.id();
            session.changeId();
            String after = session.id();
            assertThat(after).isNotEqualTo(before);
            assertThat(sessionKeys()).hasSize(1);
        });
        assertThat(user(browser)).isEqualTo("alice");
    }

    @Test
    void whoBringsTheOldIdAfterARotationIsServedForFifteenSecondsAndGetsNoCookie() {
        TestBrowser browser = signedIn();
        TestBrowser old = browser.copyOfJar();
        browser.visit(Session::rotate);
        clock.advance(Duration.ofSeconds(14));
        old.visit(session -> {
            assertThat(session.userId()).isEqualTo("alice");
            session.set(CITY, "Oslo");
            session.rotate();
        });
        assertThat(old.lastResponse().setCookies()).isEmpty();
        browser.visit(session -> assertThat(session.get(CITY)).isEqualTo("Oslo"));
        clock.advance(Duration.ofSeconds(2));
        assertThat(user(old)).isNull();
        assertThat(user(old.through(two))).isNull();
        assertThat(user(browser)).isEqualTo("alice");
    }

    @Test
    void aThiefWhoPollsIsOutFifteenSecondsAfterTheFirstOfThreeRotations() {
        TestBrowser browser = signedIn();
        TestBrowser thief = browser.copyOfJar();
        Instant firstRotation = clock.instant();
        browser.visit(Session::rotate);
        for (int i = 0; i < 8; i++) {
            clock.advance(Duration.ofSeconds(5));
            thief.visit(session -> {
                session.rotate();
                boolean inGrace = clock.instant().isBefore(firstRotation.plusSeconds(15));
                assertThat(session.userId() != null).isEqualTo(inGrace);
            });
            assertThat(thief.lastResponse().setCookies()).isEmpty();
            if (i < 2) {
                browser.visit(Session::rotate);
            }
        }
        assertThat(user(browser)).isEqualTo("alice");
    }

    @Test
    void aChainOfRotationsIsFollowedOverThree() {
        TestBrowser browser = signedIn();
        List<TestBrowser> older = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            older.add(browser.copyOfJar());
            browser.visit(Session::rotate);
        }
        assertThat(user(older.get(3))).isEqualTo("alice");
        assertThat(user(older.get(1))).isEqualTo("alice");
        assertThat(user(older.get(0))).isNull();
    }

    @Test
    void aSignInEndsAChain() {
        TestBrowser browser = signedIn();
        TestBrowser oldest = browser.copyOfJar();
        browser.visit(Session::rotate);
        browser.visit(session -> session.login("alice"));
        assertThat(user(oldest)).isNull();
        assertThat(user(browser)).isEqualTo("alice");
    }

    @Test
    void aLogOutEndsAChain() {
        TestBrowser browser = signedIn();
        TestBrowser oldest = browser.copyOfJar();
        browser.visit(Session::rotate);
        browser.visit(Session::logout);
        assertThat(user(oldest)).isNull();
    }

    @Test
    void aLogOutWithTheOldIdEndsTheNewSession() {
        TestBrowser browser = signedIn();
        TestBrowser tab = browser.copyOfJar();
        browser.visit(Session::rotate);
        assertThat(tab.<Boolean>request(Session::logout)).isTrue();
        assertThat(user(browser)).isNull();
    }

    @Test
    void whoKnowsTheIdFromBeforeTheSignInNeverSeesTheSession() {
        TestBrowser attacker = browser();
        attacker.visit(session -> {
            session.set(CART, "planted");
            session.set(ADMIN, true);
        });
        TestBrowser victim = attacker.copyOfJar();
        victim.visit(session -> session.login("victim"));
        attacker.visit(session -> {
            assertThat(session.userId()).isNull();
            assertThat(session.get(CART)).isNull();
            session.set(CITY, "written");
        });
        assertThat(attacker.lastResponse().setCookies()).isEmpty();
        victim.visit(session -> {
            assertThat(session.userId()).isEqualTo("victim");
            assertThat(session.get(CART)).isEqualTo("planted");
            assertThat(session.get(ADMIN)).isNull();
            assertThat(session.get(CITY)).isNull();
        });
        clock.advance(Duration.ofSeconds(16));
        assertThat(user(attacker)).isNull();
    }

    @Test
    void aGuardedValueThatTheSignInItselfSetsIsKept() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(CART, "coat"));
        browser.visit(session -> {
            session.set(ADMIN, true);
            session.login("alice");
            session.set(CITY, "Oslo");
        });
        browser.visit(session -> {
            assertThat(session.get(ADMIN)).isTrue();
            assertThat(session.get(CART)).isEqualTo("coat");
            assertThat(session.get(CITY)).isEqualTo("Oslo");
        });
    }

    @Test
    void aSignInByAnotherUserTakesNothingOfTheFirst() {
        TestBrowser browser = signedIn();
        String token = browser.request(session -> {
            session.rememberMe();
            session.idleTimeout(Duration.ofDays(10));
            session.flash("for alice");
            return session.csrfToken();
        });
        browser.visit(session -> {
            session.set(CITY, "Oslo");
            session.flash("for alice too");
            session.login("bob");
            session.set(CITY, "Rome");
        });
        browser.visit(session -> {
            assertThat(session.userId()).isEqualTo("bob");
            assertThat(session.keys()).containsExactly("city");
            assertThat(session.get(CITY)).isEqualTo("Rome");
            assertThat(session.takeFlash()).isEmpty();
            assertThat(session.expiresAt()).isEqualTo(clock.instant().plus(Duration.ofMinutes(20)));
        });
        assertThat(browser.post().<Boolean>request(session -> session.isCsrfValid(token)))
                .isFalse();
        browser.restart();
        assertThat(user(browser)).isNull();
    }

    @Test
    void signingInAgainKeepsTheDataUnderANewId() {
        TestBrowser browser = signedIn();
        String id = browser.request(Session::id);
        browser.visit(session -> session.login("alice"));
        browser.visit(session -> {
            assertThat(session.id()).isNotEqualTo(id);
            assertThat(session.get(CART)).isEqualTo("coat");
        });
    }

    @Test
    void aDoubleClickedSignInEndsSignedInThoughTheFirstAnswerIsLost() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(CART, "coat"));
        String token = browser.request(Session::csrfToken);
        TestBrowser lost = browser.copyOfJar();
        lost.post().visit(session -> {
            assertThat(session.isCsrfValid(token)).isTrue();
            session.login("alice");
        });
        browser.post().visit(session -> {
            assertThat(session.isCsrfValid(token)).isTrue();
            session.login("alice");
        });
        assertThat(user(browser)).isEqualTo("alice");
    }

    @Test
    void twoSignInsAtOnceBothEndSignedIn() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(CART, "coat"));
        HeldRequest<String> first = browser.hold(session -> {
            session.login("alice");
            return "held";
        });
        TestBrowser second = browser.copyOfJar();
        second.through(two).visit(session -> session.login("alice"));
        first.release();
        assertThat(user(browser)).isEqualTo("alice");
        assertThat(user(second)).isEqualTo("alice");
    }

    @Test
    void aChangedIdIsWorthlessAtOnceAndKeepsData() {
        TestBrowser browser = signedIn();
        TestBrowser old = browser.copyOfJar();
        browser.visit(Session::changeId);
        assertThat(user(old)).isNull();
        browser.visit(session -> {
            assertThat(session.userId()).isEqualTo("alice");
            assertThat(session.get(CART)).isEqualTo("coat");
        });
    }

    @Test
    void aLogOutIsFinalEverywhereAndClearsTheCookieAsItWasSet() {
        TestBrowser browser = signedIn();
        String set = browser.lastResponse().setCookies().get(0);
        TestBrowser thief = browser.copyOfJar();
        browser.visit(session -> {
            assertThat(session.logout()).isTrue();
            assertThat(session.id()).isNull();
            assertThat(session.userId()).isNull();
            assertThat(session.keys()).isEmpty();
        });
        assertThat(browser.lastResponse().headers("Cache-Control")).containsExactly("no-store");
        String clear = browser.lastResponse().setCookies().get(0);
        assertThat(clear).contains("Max-Age=0", "Expires=Thu, 01 Jan 1970 00:00:00 GMT");
        assertThat(set.replaceAll("SID=[^;]*", "SID=")).isEqualTo(clear.replaceAll("; Max-Age=0|; Expires=[^;]*", ""));
        assertThat(browser.cookieLine()).isNull();
        assertThat(user(thief)).isNull();
        assertThat(user(thief.through(two))).isNull();
        assertThat(sessionKeys()).isEmpty();
        assertThat(kinds()).contains(Kind.LOGGED_OUT);
    }

    @Test
    void duringTheRestOfTheRequestThatLogsOutOthersAreAnonymousAlready() {
        TestBrowser browser = signedIn();
        TestBrowser other = browser.copyOfJar();
        browser.visit(session -> {
            session.logout();
            assertThat(user(other)).isNull();
        });
    }

    @Test
    void whatIsSetAfterALogOutIsANewSession() {
        TestBrowser browser = signedIn();
        TestBrowser old = browser.copyOfJar();
        browser.visit(session -> {
            session.logout();
            session.set(CITY, "Oslo");
        });
        assertThat(browser.lastResponse().setCookies()).hasSize(1);
        browser.visit(session -> {
            assertThat(session.userId()).isNull();
            assertThat(session.keys()).containsExactly("city");
        });
        assertThat(user(old)).isNull();
    }

    @Test
    void aLogOutWithoutASessionSaysNothing() {
        TestBrowser browser = browser();
        browser.visit(session -> assertThat(session.logout()).isTrue());
        assertThat(browser.lastResponse().setCookies()).isEmpty();
    }

    @Test
    void aLogOutTwiceIsOne() {
        TestBrowser browser = signedIn();
        browser.visit(session -> {
            assertThat(session.logout()).isTrue();
            assertThat(session.logout()).isTrue();
        });
        assertThat(browser.lastResponse().setCookies()).hasSize(1);
        assertThat(one.stats().loggedOut()).isEqualTo(1);
    }

    @Test
    void aLogOutIsFinalThoughTheHandlerFailsAfterwardsOrDiscards() {
        for (Consumer<Session> afterwards : List.<Consumer<Session>>of(Session::discard, session -> {
            throw new IllegalArgumentException("handler");
        })) {
            TestBrowser browser = signedIn();
            TestBrowser thief = browser.copyOfJar();
            try {
                browser.visit(session -> {
                    session.set(CITY, "Oslo");
                    session.logout();
                    afterwards.accept(session);
                });
            } catch (IllegalArgumentException handler) {
                assertThat(handler).hasMessage("handler");
            }
            assertThat(browser.lastResponse().setCookies())
                    .singleElement()
                    .asString()
                    .contains("Max-Age=0");
            assertThat(user(thief.through(two))).isNull();
        }
        assertThat(sessionKeys()).isEmpty();
    }

    @Test
    void aListenerThatThrowsStopsNoLogOut() {
        try (var loud = node().listener(event -> {
                    throw new AssertionError("listener");
                })
                .build()) {
            TestBrowser browser = new TestBrowser(loud, new FakeClock());
            browser.visit(session -> session.login("alice"));
            TestBrowser thief = browser.copyOfJar();
            browser.visit(Session::logout);
            assertThat(user(thief)).isNull();
        }
    }

    @Test
    void aSignedInUserIsAuthenticatedForAsLongAsIsAsked() {
        TestBrowser browser = signedIn();
        clock.advance(Duration.ofMinutes(6));
        browser.visit(session -> {
            assertThat(session.authenticatedWithin(Duration.ofMinutes(5))).isFalse();
            assertThat(session.authenticatedWithin(Duration.ofMinutes(6))).isTrue();
            assertThat(session.userId()).isEqualTo("alice");
        });
        browser.visit(session -> session.login("alice"));
        browser.visit(session ->
                assertThat(session.authenticatedWithin(Duration.ofMinutes(5))).isTrue());
        browser.visit(Session::logout);
        browser.visit(session ->
                assertThat(session.authenticatedWithin(Duration.ofDays(1))).isFalse());
    }

    @Test
    void whatIsClearedBeforeASignInDoesNotMoveAlong() {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.set(CART, "coat");
            session.flash("hello");
        });
        browser.visit(session -> {
            session.clear();
            session.set(CITY, "Oslo");
            session.login("alice");
        });
        browser.visit(session -> {
            assertThat(session.userId()).isEqualTo("alice");
            assertThat(session.keys()).containsExactly("city");
            assertThat(session.takeFlash()).isEmpty();
        });
    }

    @Test
    void aLogOutDeletesACookieOfADomainAndAPathToo() {
        try (SessionManager shop =
                node().cookieDomain("example.org").cookiePath("/shop").build()) {
            TestBrowser browser = new TestBrowser(shop, clock).at("https://www.example.org/shop/cart");
            browser.visit(session -> session.login("alice"));
            TestBrowser elsewhere = browser.at("https://api.example.org/shop/");
            assertThat(user(elsewhere)).isEqualTo("alice");
            elsewhere.visit(Session::logout);
            assertThat(browser.cookieLine()).isNull();
        }
    }

    @Test
    void aLogOutBesideTheCookiesPathSaysNothingAndEndsNothing() {
        try (SessionManager shop = node().cookiePath("/shop").build()) {
            TestBrowser browser = new TestBrowser(shop, clock).at("https://www.example.org/shop/cart");
            browser.visit(session -> session.login("alice"));
            browser.at("/blog").visit(session -> assertThat(session.logout()).isTrue());
            assertThat(browser.lastResponse().setCookies()).isEmpty();
            assertThat(user(browser)).isEqualTo("alice");
        }
    }

    @Test
    void aUserIdHasOneTo256Characters() {
        TestBrowser browser = browser();
        browser.visit(session -> {
            assertThatThrownBy(() -> session.login(null)).isInstanceOf(NullPointerException.class);
            for (String wrong : List.of("", "x".repeat(257))) {
                assertThatThrownBy(() -> session.login(wrong)).isInstanceOf(IllegalArgumentException.class);
            }
        });
        assertThat(user(browser)).isNull();
        browser.visit(session -> session.login("x".repeat(256)));
        assertThat(user(browser)).hasSize(256);
    }
}
