package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.Device;
import dev.coatcheck.Session;
import dev.coatcheck.SessionConflictException;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.SignedOut;
import dev.coatcheck.SessionManager.WhenFull;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.test.FaultyStore.Fault;
import dev.coatcheck.test.StoreVerb;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What the store does at the wrong moment while users sign in and are signed out. */
class DeviceFaultsTest extends EmbeddedNodes {
    /** The common pool has one thread on two processors, and two requests that wait would wait for each other. */
    private static final Executor THREADS = request -> new Thread(request).start();

    private TestBrowser signedIn(SessionManager node) {
        TestBrowser browser = new TestBrowser(node, clock);
        browser.visit(session -> session.login("alice"));
        return browser;
    }

    private static boolean isIn(TestBrowser browser) {
        return browser.<Boolean>request(session -> session.userId() != null);
    }

    @Test
    void aSignInThatIsOvertakenByASignOutFailsAndLeavesNothing() throws Exception {
        signedIn(one);
        TestBrowser late = browser();
        faults.next(StoreVerb.CREATE, Fault.STALL); // the session's: the index is there already
        CompletableFuture<Void> signIn =
                CompletableFuture.runAsync(() -> late.visit(session -> session.login("alice")), THREADS);
        faults.awaitStalled(1);
        assertThat(two.signOutEverywhere("alice").ended()).isEqualTo(1);
        faults.release();
        assertThatThrownBy(() -> signIn.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(SessionConflictException.class);
        assertThat(late.cookieLine()).isNull();
        assertThat(one.devices("alice")).isEmpty();
        assertThat(isIn(signedIn(one))).isTrue();
    }

    @Test
    void twoSignOutsAtOnceDoNotReopenTheDoorForALateSignIn() throws Exception {
        signedIn(one);
        TestBrowser late = browser();
        faults.next(StoreVerb.CREATE, Fault.STALL);
        CompletableFuture<Void> signIn =
                CompletableFuture.runAsync(() -> late.visit(session -> session.login("alice")), THREADS);
        faults.awaitStalled(1);
        faults.next(StoreVerb.REPLACE, Fault.STALL); // the first has ended all, and not written the index yet
        CompletableFuture<SignedOut> first =
                CompletableFuture.supplyAsync(() -> one.signOutEverywhere("alice"), THREADS);
        faults.awaitStalled(2);
        two.signOutEverywhere("alice");
        faults.release();
        assertThatThrownBy(() -> signIn.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(SessionConflictException.class);
        assertThat(first.get(30, TimeUnit.SECONDS).ended()).isEqualTo(1);
        assertThat(late.cookieLine()).isNull();
        assertThat(one.devices("alice")).isEmpty();
    }

    @Test
    void whoSignsInBeforeTheSignOutIsDoneIsSignedOutToo() throws Exception {
        TestBrowser before = signedIn(one);
        faults.next(StoreVerb.REPLACE, Fault.STALL); // all are ended; the index is not written yet
        CompletableFuture<SignedOut> signOut =
                CompletableFuture.supplyAsync(() -> two.signOutEverywhere("alice"), THREADS);
        faults.awaitStalled(1);
        TestBrowser during = signedIn(one);
        faults.release();
        assertThat(signOut.get(30, TimeUnit.SECONDS)).isEqualTo(new SignedOut(2, true));
        assertThat(isIn(before)).isFalse();
        assertThat(isIn(during)).isFalse();
        assertThat(isIn(signedIn(one))).isTrue();
    }

    @Test
    void aRotationThatIsOvertakenByASignOutStaysOut() throws Exception {
        TestBrowser browser = signedIn(one);
        TestBrowser slow = browser.copyOfJar();
        faults.next(StoreVerb.CREATE, Fault.STALL);
        CompletableFuture<Void> rotation = CompletableFuture.runAsync(() -> slow.visit(Session::rotate), THREADS);
        faults.awaitStalled(1);
        assertThat(two.signOutEverywhere("alice").ended()).isEqualTo(1);
        faults.release();
        rotation.get(30, TimeUnit.SECONDS);
        assertThat(slow.lastResponse().setCookies()).isEmpty();
        assertThat(isIn(slow)).isFalse();
        assertThat(isIn(browser)).isFalse();
        assertThat(one.devices("alice")).isEmpty();
    }

    @Test
    void aSlowRequestOfADeviceDoesNotBringItsSessionBack() throws Exception {
        TestBrowser browser = signedIn(one);
        TestBrowser slow = browser.copyOfJar();
        faults.next(StoreVerb.REPLACE, Fault.STALL);
        CompletableFuture<Void> request =
                CompletableFuture.runAsync(() -> slow.visit(session -> session.flash("late")), THREADS);
        faults.awaitStalled(1);
        assertThat(two.signOutEverywhere("alice")).isEqualTo(new SignedOut(1, true));
        faults.release();
        request.get(30, TimeUnit.SECONDS);
        assertThat(slow.lastResponse().setCookies()).isEmpty();
        assertThat(isIn(slow)).isFalse();
        assertThat(isIn(slow.through(two))).isFalse();
        assertThat(one.stats().dropped()).isEqualTo(1);
    }

    @Test
    void aSignOutThatTheStoreDoesNotConfirmSaysSoIsRefusedHereAndTriedAgain() {
        TestBrowser browser = signedIn(one);
        faults.always(Fault.FAIL, StoreVerb.END);
        assertThat(one.signOutEverywhere("alice")).isEqualTo(new SignedOut(0, false));
        assertThat(isIn(browser)).isFalse();
        assertThat(kinds()).contains(Kind.UNCONFIRMED).doesNotContain(Kind.SIGNED_OUT);
        faults.heal();
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(isIn(browser.copyOfJar().through(two))).isFalse());
        Awaitility.await().untilAsserted(() -> {
            assertThat(kinds()).contains(Kind.SIGNED_OUT);
            assertThat(one.stats().signedOut()).isEqualTo(1);
        });
    }

    @Test
    void anUnconfirmedSignOutOfASessionThatIsOnItsWayIsTriedAgainToo() throws Exception {
        signedIn(one).visit(Session::logout);
        TestBrowser late = browser();
        faults.nth(StoreVerb.CREATE, 1, Fault.STALL).nth(StoreVerb.CREATE, 2, Fault.FAIL);
        CompletableFuture<Void> signIn =
                CompletableFuture.runAsync(() -> late.visit(session -> session.login("alice")), THREADS);
        faults.awaitStalled(1);
        assertThat(two.signOutEverywhere("alice")).isEqualTo(new SignedOut(0, false));
        Awaitility.await()
                .untilAsserted(() -> assertThat(two.stats().signedOut()).isEqualTo(1));
        faults.release();
        assertThatThrownBy(() -> signIn.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(SessionConflictException.class);
    }

    @Test
    void whatWasNotEndedForCertainIsEndedByTheNextSignOutThroughAnyNode() {
        TestBrowser browser = signedIn(one);
        faults.next(StoreVerb.PEEK, Fault.FAIL);
        assertThat(one.signOutEverywhere("alice")).isEqualTo(new SignedOut(0, false));
        one.close(); // with what it would try again
        assertThat(two.devices("alice")).as("is on its way out").isEmpty();
        assertThat(two.signOutEverywhere("alice").complete()).isTrue();
        assertThat(isIn(browser.through(two))).isFalse();
        assertThat(two.signOutEverywhere("alice")).isEqualTo(new SignedOut(0, true));
    }

    @Test
    void withTheStoreAwayTheVerbsThrowAndEndNothing() {
        TestBrowser browser = signedIn(one);
        faults.always(Fault.FAIL);
        assertThatThrownBy(() -> one.signOutEverywhere("alice")).isInstanceOf(SessionUnavailableException.class);
        assertThatThrownBy(() -> one.devices("alice")).isInstanceOf(SessionUnavailableException.class);
        faults.heal();
        assertThat(isIn(browser)).isTrue();
        faults.next(StoreVerb.PEEK, Fault.FAIL);
        assertThatThrownBy(() -> one.devices("alice")).isInstanceOf(SessionUnavailableException.class);
        assertThat(one.devices("alice")).hasSize(1);
    }

    @Test
    void aSignOutWhoseIndexCannotBeWrittenIsNotComplete() {
        TestBrowser browser = signedIn(one);
        faults.next(StoreVerb.REPLACE, Fault.FAIL);
        assertThat(one.signOutEverywhere("alice")).isEqualTo(new SignedOut(1, false));
        assertThat(isIn(browser)).isFalse();
        assertThat(one.devices("alice")).isEmpty();
        assertThat(one.signOutEverywhere("alice")).isEqualTo(new SignedOut(0, true));
    }

    @Test
    void aSignInWithoutAnIndexIsNone() {
        signedIn(one);
        TestBrowser browser = browser();
        faults.next(StoreVerb.REPLACE, Fault.FAIL);
        assertThatThrownBy(() -> browser.visit(session -> session.login("alice")))
                .isInstanceOf(SessionUnavailableException.class);
        assertThat(browser.cookieLine()).isNull();
        assertThat(one.devices("alice")).hasSize(1);
    }

    @Test
    void lostAnswersOfTheIndexAreResolvedAndNobodyIsListedTwice() {
        for (Fault fault : List.of(Fault.UNKNOWN_APPLIED, Fault.UNKNOWN_DROPPED, Fault.UNKNOWN_LATE, Fault.CONFLICT)) {
            int before = one.devices("alice").size();
            TestBrowser browser = browser();
            faults.next(
                    before == 0 ? StoreVerb.CREATE : StoreVerb.REPLACE,
                    fault == Fault.CONFLICT && before == 0 ? Fault.EXISTS : fault);
            browser.visit(session -> session.login("alice"));
            faults.release();
            assertThat(one.devices("alice")).as(fault.name()).hasSize(before + 1);
            assertThat(isIn(browser)).isTrue();
        }
        assertThat(one.signOutEverywhere("alice").ended()).isEqualTo(4);
    }

    @Test
    void aLostAnswerToTheCreateOfASessionLeavesNoneThatASignOutDoesNotFind() {
        signedIn(one);
        TestBrowser browser = browser();
        faults.next(StoreVerb.CREATE, Fault.UNKNOWN_APPLIED);
        browser.visit(session -> session.login("alice"));
        assertThat(isIn(browser)).isTrue();
        assertThat(one.devices("alice")).hasSize(2);
        one.signOutEverywhere("alice");
        assertThat(isIn(browser)).isFalse();
        assertThat(sessionKeys()).as("nor what nobody has a ticket for").isEmpty();
    }

    @Test
    void aSessionWhoseRotationFailedIsListedAndEndedAsBefore() {
        TestBrowser browser = signedIn(one);
        String handle = one.devices("alice").get(0).id();
        for (int i = 0; i < 3; i++) {
            faults.nth(StoreVerb.REPLACE, 2, Fault.FAIL); // the old id's, behind the index
            assertThatThrownBy(() -> browser.visit(Session::rotate)).isInstanceOf(SessionUnavailableException.class);
            assertThat(one.devices("alice")).extracting(Device::id).containsExactly(handle);
        }
        assertThat(one.signOutEverywhere("alice")).isEqualTo(new SignedOut(1, true));
        assertThat(isIn(browser)).isFalse();
    }

    @Test
    void aLogOutIsOneThoughItsEntryStays() {
        TestBrowser browser = signedIn(one);
        faults.next(StoreVerb.REPLACE, Fault.FAIL);
        assertThat(browser.<Boolean>request(Session::logout)).isTrue();
        assertThat(isIn(browser)).isFalse();
        assertThat(one.devices("alice")).isEmpty();
    }

    @Test
    void entriesWithoutASessionLockNobodyOut() {
        try (SessionManager node = node().maxSessionsPerUser(1, WhenFull.REFUSE).build()) {
            TestBrowser browser = new TestBrowser(node, clock);
            browser.visit(session -> session.login("alice"));
            faults.next(StoreVerb.REPLACE, Fault.FAIL); // the entry stays
            browser.visit(Session::logout);
            clock.advance(Duration.ofMinutes(2));
            browser.visit(session -> session.login("alice"));
            assertThat(isIn(browser)).isTrue();
            assertThat(node.devices("alice")).hasSize(1);
        }
    }

    @Test
    void whoeverBrokeOffWhileEndingTheOldestIsFollowedUp() {
        try (SessionManager node =
                node().maxSessionsPerUser(1, WhenFull.END_OLDEST).build()) {
            TestBrowser first = new TestBrowser(node, clock);
            first.visit(session -> session.login("alice"));
            clock.advance(Duration.ofSeconds(1));
            faults.next(StoreVerb.PEEK, Fault.FAIL); // the end of the first one
            faults.nth(StoreVerb.REPLACE, 2, Fault.FAIL); // it stays in the index
            TestBrowser second = new TestBrowser(node, clock);
            second.visit(session -> session.login("alice"));
            assertThat(isIn(first)).as("refused by this node").isFalse();
            clock.advance(Duration.ofSeconds(1));
            TestBrowser third = new TestBrowser(node, clock);
            third.visit(session -> session.login("alice"));
            assertThat(isIn(first.through(two))).isFalse();
            assertThat(isIn(second.through(two))).isFalse();
            assertThat(one.devices("alice")).hasSize(1);
        }
    }

    @Test
    void aCorruptIndexIsTakenForNoneAndReported() {
        TestBrowser browser = signedIn(one);
        byte[][] index = new byte[1][];
        faults.tamper(value -> {
            if (value.length > 1 && value[1] == 7) {
                index[0] = value;
                byte[] changed = value.clone();
                changed[changed.length - 1] ^= 1;
                return changed;
            }
            return value;
        });
        List<Device> devices = one.devices("alice");
        assertThat(index[0]).isNotNull();
        assertThat(devices).isEmpty();
        assertThat(kinds()).contains(Kind.CORRUPT);
        faults.heal();
        assertThat(isIn(browser)).isTrue();
        browser.visit(Session::rotate);
        assertThat(one.devices("alice")).hasSize(1);
    }

    @Test
    void anIndexOfANewerReleaseIsLeftAlone() {
        signedIn(one);
        faults.tamper(value -> {
            byte[] next = value.clone();
            next[0] = 0x5A;
            return next;
        });
        assertThatThrownBy(() -> one.devices("alice")).isInstanceOf(SessionUnavailableException.class);
        assertThatThrownBy(() -> signedIn(one)).isInstanceOf(SessionUnavailableException.class);
        faults.heal();
        assertThat(one.devices("alice")).hasSize(1);
    }

    @Test
    void beyondAThousandSessionsTheOldestEnd() {
        TestBrowser first = signedIn(one);
        clock.advance(Duration.ofSeconds(1));
        TestBrowser second = signedIn(one);
        clock.advance(Duration.ofSeconds(1));
        for (int i = 0; i < 999; i++) {
            signedIn(one);
        }
        assertThat(isIn(first)).isFalse();
        assertThat(isIn(second)).isTrue();
        assertThat(one.devices("alice")).hasSize(1_000);
    }

    @Test
    void noNameCanBeConfirmedByWhoReadsTheStore() {
        signedIn(one);
        signedIn(one).visit(Session::rotate);
        List<String> handles = one.devices("alice").stream().map(Device::id).toList();
        String dump = counting.dump().toString()
                + counting.dump().stream()
                        .map(value -> new String(value, java.nio.charset.StandardCharsets.ISO_8859_1))
                        .toList();
        assertThat(dump).doesNotContain("alice").doesNotContain(handles);
        assertThat(counting.keys().toString()).doesNotContain("alice");
    }
}
