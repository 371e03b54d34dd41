package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.Session;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.Preset;
import dev.coatcheck.SessionStore;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.HeldRequest;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Idle timeout and absolute lifetime. */
class ExpiryTest extends EmbeddedNodes {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);

    private TestBrowser withX(SessionManager manager) {
        TestBrowser browser = new TestBrowser(manager, clock);
        browser.visit(session -> session.set(X, 1));
        return browser;
    }

    private static boolean lives(TestBrowser browser) {
        return browser.<Boolean>request(session -> session.get(X) != null);
    }

    @Test
    void anIdleSessionLivesUntilItsTimeoutAndTwoSecondsOfSlack() {
        TestBrowser browser = withX(one);
        clock.advance(Duration.ofMinutes(20).minusSeconds(1));
        assertThat(lives(browser)).isTrue();
        clock.advance(Duration.ofMinutes(20).plusSeconds(3));
        assertThat(lives(browser)).isFalse();
    }

    @Test
    void everyReadRenewsTheLease() {
        TestBrowser browser = withX(one);
        for (int i = 0; i < 10; i++) {
            clock.advance(Duration.ofMinutes(15));
            assertThat(lives(browser)).isTrue();
        }
    }

    @Test
    void aRequestThatDoesNotTouchTheSessionDoesNotRenewIt() {
        TestBrowser browser = withX(one);
        clock.advance(Duration.ofMinutes(15));
        browser.visit(session -> {});
        clock.advance(Duration.ofMinutes(6));
        assertThat(lives(browser)).isFalse();
    }

    @Test
    void noUseProlongsTheAbsoluteLifetime() {
        TestBrowser browser = withX(one);
        for (int minutes = 0; minutes < 12 * 60 - 10; minutes += 10) {
            clock.advance(Duration.ofMinutes(10));
            assertThat(lives(browser)).isTrue();
        }
        browser.visit(session -> session.idleTimeout(Duration.ofDays(30)));
        clock.advance(Duration.ofMinutes(10));
        assertThat(lives(browser)).isFalse();
        assertThat(kinds()).contains(Kind.EXPIRED);
    }

    @Test
    void aRotationKeepsTheAbsoluteDeadlineAndASignInBeginsALifeOfItsOwn() {
        TestBrowser browser = withX(one);
        clock.advance(Duration.ofMinutes(19));
        browser.visit(session -> session.idleTimeout(Duration.ofHours(12)));
        clock.advance(Duration.ofHours(11));
        Instant end = browser.request(Session::expiresAt);
        browser.visit(Session::rotate);
        assertThat(browser.<Instant>request(Session::expiresAt)).isEqualTo(end);
        browser.visit(session -> session.login("alice"));
        clock.advance(Duration.ofMinutes(15));
        browser.visit(session -> {
            assertThat(session.createdAt()).isEqualTo(clock.instant().minus(Duration.ofMinutes(15)));
            assertThat(session.userId()).isEqualTo("alice");
        });
    }

    @Test
    void aShorterIdleTimeoutOfItsOwnIsKept() {
        TestBrowser browser = withX(one);
        browser.visit(session -> session.idleTimeout(Duration.ofSeconds(10)));
        clock.advance(Duration.ofSeconds(9));
        assertThat(lives(browser)).isTrue();
        clock.advance(Duration.ofSeconds(12));
        assertThat(lives(browser)).isFalse();
        assertThat(faults.keys()).isEmpty();
    }

    @Test
    void anIdleTimeoutThatOutgrowsItsLeaseGivesANewIdAndIsKept() {
        TestBrowser browser = withX(one);
        String id = browser.request(Session::id);
        browser.visit(session -> session.idleTimeout(Duration.ofHours(5)));
        assertThat(browser.<String>request(Session::id)).isNotEqualTo(id);
        clock.advance(Duration.ofHours(4));
        assertThat(lives(browser)).isTrue();
        clock.advance(Duration.ofHours(5).plusSeconds(3));
        assertThat(lives(browser)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void noIdleTimeoutMeansTheAbsoluteLifetime(long seconds) {
        TestBrowser browser = withX(one);
        browser.visit(session -> session.idleTimeout(Duration.ofSeconds(seconds)));
        clock.advance(Duration.ofHours(10));
        assertThat(lives(browser)).isTrue();
        clock.advance(Duration.ofHours(2));
        assertThat(lives(browser)).isFalse();
    }

    @Test
    void theLongestTimesThatCanBeWrittenAreCutToTheAbsoluteLifetime() {
        TestBrowser browser = withX(one);
        Instant end = clock.instant().plus(Duration.ofHours(12));
        browser.visit(session -> {
            session.idleTimeout(Duration.ofSeconds(Long.MAX_VALUE));
            session.expireAt(Instant.MAX);
            session.expireIn(Duration.ofSeconds(Long.MAX_VALUE));
            assertThat(session.expiresAt()).isEqualTo(end);
        });
        assertThat(browser.<Instant>request(Session::expiresAt)).isEqualTo(end);
    }

    @Test
    void aDeadlineOfItsOwnEndsASession() {
        TestBrowser browser = withX(one);
        browser.visit(session -> {
            session.expireIn(Duration.ofSeconds(10));
            assertThat(session.expiresAt()).isEqualTo(clock.instant().plusSeconds(10));
        });
        clock.advance(Duration.ofSeconds(9));
        assertThat(lives(browser)).isTrue();
        clock.advance(Duration.ofSeconds(1));
        assertThat(lives(browser)).isFalse();
        TestBrowser other = withX(one);
        Instant moment = clock.instant().plusSeconds(30);
        other.visit(session -> session.expireAt(moment));
        assertThat(other.<Instant>request(Session::expiresAt)).isEqualTo(moment);
    }

    @Test
    void aDeadlineThatIsSetTogetherWithANewIdIsThatOfTheNewOne() {
        List<Consumer<Session>> moves = List.of(Session::rotate, Session::changeId, session -> session.login("alice"));
        for (Consumer<Session> move : moves) {
            for (boolean before : new boolean[] {true, false}) {
                TestBrowser browser = withX(one);
                Instant end = clock.instant().plus(Duration.ofMinutes(2));
                browser.visit(session -> {
                    if (before) {
                        session.expireIn(Duration.ofMinutes(2));
                    }
                    move.accept(session);
                    if (!before) {
                        session.expireIn(Duration.ofMinutes(2));
                    }
                    assertThat(session.expiresAt()).isEqualTo(end);
                });
                assertThat(browser.<Instant>request(Session::expiresAt)).isEqualTo(end);
                clock.advance(Duration.ofMinutes(2));
                assertThat(lives(browser)).isFalse();
            }
        }
    }

    @Test
    void aDeadlineInThePastEndsASessionAtOnce() {
        TestBrowser browser = withX(one);
        clock.advance(Duration.ofSeconds(1));
        browser.visit(session -> session.expireAt(Instant.MIN));
        assertThat(lives(browser)).isFalse();
    }

    @Test
    void lastAccessIsThatOfTheRequestBefore() {
        TestBrowser browser = withX(one);
        Instant first = clock.instant();
        clock.advance(Duration.ofSeconds(5));
        browser.visit(session -> {
            assertThat(session.lastAccessedAt()).isEqualTo(first);
            session.set(X, 2);
            session.commit();
            assertThat(session.lastAccessedAt()).isEqualTo(first);
        });
        clock.advance(Duration.ofSeconds(5));
        browser.visit(session -> assertThat(session.lastAccessedAt()).isEqualTo(first.plusSeconds(5)));
    }

    @Test
    void theTimeOfItsMakingStaysWhateverIsStoredLater() {
        TestBrowser browser = browser();
        Instant madeAt = clock.instant();
        assertThat(browser.<Instant>request(session -> {
                    session.set(X, 0);
                    return session.createdAt();
                }))
                .isEqualTo(madeAt);
        for (int i = 1; i <= 3; i++) {
            clock.advance(Duration.ofMinutes(10));
            int value = i;
            browser.visit(session -> session.set(X, value));
            assertThat(browser.<Instant>request(Session::createdAt)).isEqualTo(madeAt);
        }
    }

    @Test
    void aRememberedSessionOutlivesTheBrowserWindowAndTheIdleTimeout() {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.login("alice");
            session.rememberMe();
        });
        assertThat(browser.lastResponse().setCookies().get(0)).contains("Max-Age=2592000");
        browser.restart();
        clock.advance(Duration.ofDays(13));
        assertThat(browser.<String>request(Session::userId)).isEqualTo("alice");
        browser.visit(session ->
                assertThat(session.authenticatedWithin(Duration.ofMinutes(5))).isFalse());
        clock.advance(Duration.ofDays(15));
        assertThat(browser.<String>request(Session::userId)).isNull();
    }

    @Test
    void aRememberedSessionEndsAfterThirtyDaysOfUse() {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.login("alice");
            session.rememberMe();
        });
        TestBrowser thief = browser().header("Cookie", browser.cookieLine());
        for (int day = 1; day < 30; day++) {
            clock.advance(Duration.ofDays(1));
            assertThat(browser.<String>request(Session::userId)).isEqualTo("alice");
        }
        assertThat(thief.<String>request(Session::userId)).isEqualTo("alice");
        clock.advance(Duration.ofDays(1));
        assertThat(browser.cookieLine()).isNull();
        assertThat(thief.<String>request(Session::userId)).isNull();
    }

    @Test
    void aRememberedSessionsCookieIsSentOnceHoweverOftenItIsUsedAndChanged() {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.login("alice");
            session.rememberMe();
        });
        for (int day = 1; day < 30; day++) {
            clock.advance(Duration.ofDays(1));
            browser.visit(session -> session.update(X, 0, n -> n + 1));
            assertThat(browser.lastResponse().setCookies()).isEmpty();
        }
        assertThat(browser.<Integer>request(session -> session.get(X))).isEqualTo(29);
    }

    @Test
    void aSessionThatIsNotRememberedIsGoneWithTheWindow() {
        TestBrowser browser = withX(one);
        assertThat(browser.lastResponse().setCookies().get(0)).doesNotContain("Max-Age", "Expires");
        browser.restart();
        assertThat(browser.cookieLine()).isNull();
    }

    @Test
    void rememberingAnOpenSessionGivesItANewIdForTheLongerLease() {
        TestBrowser browser = withX(one);
        browser.visit(Session::rememberMe);
        assertThat(browser.lastResponse().setCookies().get(0)).contains("Max-Age=2592000");
        clock.advance(Duration.ofDays(10));
        assertThat(lives(browser)).isTrue();
    }

    @Test
    void aDeadlineOfARememberedSessionReachesItsCookie() {
        TestBrowser browser = withX(one);
        browser.visit(Session::rememberMe);
        browser.visit(session -> session.expireIn(Duration.ofDays(2)));
        assertThat(browser.lastResponse().setCookies().get(0)).contains("Max-Age=172800");
    }

    @Test
    void shorterSettingsCountForSessionsThatAreThereAndLongerOnesDoNotProlongThem() {
        TestBrowser browser = withX(one);
        TestBrowser other = withX(one);
        try (SessionManager shorter = node().idleTimeout(Duration.ofMinutes(5))
                        .absoluteLifetime(Duration.ofMinutes(30))
                        .build();
                SessionManager longer = node().idleTimeout(Duration.ofHours(8))
                        .absoluteLifetime(Duration.ofDays(2))
                        .build()) {
            clock.advance(Duration.ofMinutes(6));
            assertThat(lives(browser.through(shorter))).isFalse();
            for (int i = 0; i < 12 * 6 - 2; i++) {
                clock.advance(Duration.ofMinutes(10));
                assertThat(lives(other.through(longer))).isTrue();
            }
            clock.advance(Duration.ofMinutes(14));
            assertThat(lives(other.through(longer))).isFalse();
        }
    }

    @Test
    void presetsAreTheFiguresOfTheStandard() {
        assertThat(Preset.AAL1.absoluteLifetime()).isEqualTo(Duration.ofDays(30));
        assertThat(Preset.AAL1.idleTimeout()).isEqualTo(Duration.ofDays(30));
        assertThat(Preset.AAL2.absoluteLifetime()).isEqualTo(Duration.ofHours(24));
        assertThat(Preset.AAL2.idleTimeout()).isEqualTo(Duration.ofHours(1));
        assertThat(Preset.AAL3.absoluteLifetime()).isEqualTo(Duration.ofHours(12));
        assertThat(Preset.AAL3.idleTimeout()).isEqualTo(Duration.ofMinutes(15));
        try (SessionManager strict = node().preset(Preset.AAL3).build()) {
            TestBrowser browser = withX(strict);
            assertThat(browser.<Instant>request(Session::expiresAt))
                    .isEqualTo(clock.instant().plus(Duration.ofMinutes(15)));
        }
    }

    @Test
    void clocksThatDifferByHalfAMinuteEndNobodysSession() {
        try (SessionManager behind = node().clock(new FakeClock(clock.instant().minusSeconds(30)))
                        .build();
                SessionManager ahead = node().clock(
                                new FakeClock(clock.instant().plusSeconds(30)))
                        .build()) {
            TestBrowser browser = withX(ahead);
            assertThat(lives(browser.through(behind))).isTrue();
            assertThat(lives(browser.through(ahead))).isTrue();
            assertThat(lives(browser.through(one))).isTrue();
        }
    }

    @Test
    void aClockThatWasAnHourAheadLogsNobodyOut() {
        try (SessionManager ahead = node().clock(new FakeClock(clock.instant().plus(Duration.ofHours(1))))
                .build()) {
            TestBrowser browser = withX(ahead);
            assertThat(lives(browser.through(one))).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, -1})
    void aServerWhoseClockJumpsByAnHourEndsNobodysSession(long hours) {
        FakeClock jumping = new FakeClock(clock.instant());
        try (SessionManager unlucky = node().clock(jumping).build()) {
            TestBrowser before = withX(unlucky);
            TestBrowser elsewhere = withX(one);
            jumping.advance(Duration.ofHours(hours));
            TestBrowser after = withX(unlucky);
            for (int i = 0; i < 3; i++) {
                for (TestBrowser browser : List.of(before, elsewhere, after)) {
                    assertThat(lives(browser.through(unlucky))).isTrue();
                    assertThat(lives(browser.through(one))).isTrue();
                    browser.through(unlucky).visit(session -> session.update(X, 0, n -> n + 1));
                }
                clock.advance(Duration.ofMinutes(19));
                jumping.advance(Duration.ofMinutes(19));
            }
            clock.advance(Duration.ofMinutes(2));
            assertThat(lives(before.through(unlucky)))
                    .as("idle is what the store says")
                    .isFalse();
        }
        assertThat(kinds()).doesNotContain(Kind.CORRUPT);
    }

    @Test
    void aSlowRequestDoesNotBringAnExpiredSessionBack() {
        TestBrowser browser = browser();
        browser.visit(session -> session.login("alice"));
        HeldRequest<String> slow = browser.hold(session -> {
            session.set(X, 2);
            return session.userId();
        });
        HeldRequest<String> rotating = browser.hold(session -> {
            session.rotate();
            return session.userId();
        });
        clock.advance(Duration.ofMinutes(21));
        for (HeldRequest<String> late : List.of(slow, rotating)) {
            assertThat(late.release()).isEqualTo("alice");
            assertThat(late.response().setCookies()).isEmpty();
        }
        assertThat(browser.through(two).<String>request(Session::userId)).isNull();
        assertThat(one.stats().dropped()).isEqualTo(2);
    }

    @Test
    void oneEventTellsOfAnExpiredSessionAndNoneOfAVisitor() {
        TestBrowser browser = withX(one);
        browser.visit(session -> session.idleTimeout(Duration.ofMinutes(1)));
        clock.advance(Duration.ofMinutes(2));
        events.clear();
        assertThat(lives(browser)).isFalse();
        assertThat(lives(browser)).isFalse();
        assertThat(kinds()).containsExactly(Kind.EXPIRED);
        events.clear();
        assertThat(lives(browser())).isFalse();
        assertThat(events).isEmpty();
        browser.visit(session -> session.set(X, 2));
        assertThat(kinds()).containsExactly(Kind.CREATED);
    }

    @Test
    void whoComesBackAfterTheEndGetsANewSessionUnderANewTicket() {
        TestBrowser browser = withX(one);
        String ticket = browser.cookie(COOKIE);
        TestBrowser withTheOldOne = browser.copyOfJar();
        clock.advance(Duration.ofMinutes(21));
        browser.visit(session -> {
            session.set(SessionKey.of("y", Integer.class), 2);
            assertThat(session.isNew()).isTrue();
        });
        assertThat(browser.cookie(COOKIE)).isNotEqualTo(ticket);
        browser.visit(session -> assertThat(session.keys()).containsExactly("y"));
        withTheOldOne.visit(session -> assertThat(session.id()).isNull());
    }

    @Test
    void whatNobodyUsesAnyMoreLeavesTheStoreByItself() {
        TestBrowser browser = withX(one);
        browser.visit(Session::rotate);
        browser.visit(Session::changeId);
        clock.advance(Duration.ofSeconds(16));
        assertThat(left()).as("the old ids are gone").isEqualTo(1);
        withX(one);
        clock.advance(Duration.ofMinutes(20).plusSeconds(3));
        assertThat(left()).isZero();
        withX(one).visit(Session::rememberMe);
        clock.advance(Duration.ofDays(14).plusSeconds(3));
        assertThat(left()).isZero();
    }

    /** Asks the store itself, past every session, and ends what is there. */
    private int left() {
        int left = 0;
        for (SessionStore.Key key : faults.keys()) {
            left += store.load(key, Duration.ofSeconds(1)).isPresent() ? 1 : 0;
            store.end(key, Instant.MAX);
        }
        return left;
    }

    @Test
    void theEarliestAndLatestMomentsOfAClockAreTime() {
        for (String moment : new String[] {
            "1970-01-01T00:00:00Z",
            "1960-01-01T00:00:00Z",
            "2038-01-20T00:00:00Z",
            "2106-02-08T00:00:00Z",
            "2200-01-01T00:00:00Z"
        }) {
            FakeClock odd = new FakeClock(Instant.parse(moment));
            try (SessionManager manager = SessionManager.builder().clock(odd).build()) {
                TestBrowser browser = new TestBrowser(manager, odd);
                browser.visit(session -> session.set(X, 1));
                odd.advance(Duration.ofMinutes(10));
                assertThat(lives(browser)).isTrue();
                odd.advance(Duration.ofMinutes(21));
                assertThat(lives(browser)).isFalse();
            }
        }
    }
}
