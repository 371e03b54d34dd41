package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.Device;
import dev.coatcheck.Session;
import dev.coatcheck.SessionConflictException;
import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionLimitException;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.SignedOut;
import dev.coatcheck.SessionManager.WhenFull;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.HeldRequest;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A user's sessions: listed, limited, and ended from outside. */
abstract class DeviceCases extends TwoNodes {
    static final SessionKey<String> NAME = SessionKey.of("name", String.class);

    DeviceCases() {}

    DeviceCases(FakeClock clock) {
        super(clock);
    }

    TestBrowser signedIn(SessionManager node, String user) {
        TestBrowser browser = new TestBrowser(node, clock);
        browser.visit(session -> session.login(user));
        return browser;
    }

    TestBrowser signedIn(String user) {
        return signedIn(one, user);
    }

    static boolean isIn(TestBrowser browser) {
        return browser.<Boolean>request(session -> session.userId() != null);
    }

    private static String id(TestBrowser browser) {
        return browser.request(Session::id);
    }

    String current(TestBrowser browser) {
        return browser.<List<Device>>request(one::devices).stream()
                .filter(Device::current)
                .findFirst()
                .orElseThrow()
                .id();
    }

    // The list

    @Test
    void threeSessionsAreThreeRowsTheNewestFirst() {
        TestBrowser first = signedIn("alice");
        clock.advance(Duration.ofMinutes(1));
        TestBrowser second = signedIn(two, "alice");
        clock.advance(Duration.ofMinutes(1));
        TestBrowser third = signedIn("alice");
        signedIn("bob");
        clock.advance(Duration.ofMinutes(1));
        List<Device> devices = first.request(session -> one.devices(session));
        assertThat(devices).hasSize(3);
        assertThat(devices).extracting(Device::current).containsExactly(false, false, true);
        assertThat(devices)
                .extracting(Device::signedInAt)
                .containsExactly(
                        clock.instant().minus(Duration.ofMinutes(1)),
                        clock.instant().minus(Duration.ofMinutes(2)),
                        clock.instant().minus(Duration.ofMinutes(3)));
        assertThat(devices).extracting(Device::label).containsOnlyNulls();
        assertThat(devices).extracting(Device::address).containsOnlyNulls();
        assertThat(two.devices("alice")).extracting(Device::current).containsOnly(false);
        List<String> handles = devices.stream().map(Device::id).toList();
        for (TestBrowser browser : List.of(first, second, third)) {
            assertThat(handles).doesNotContain(id(browser), browser.cookie(COOKIE));
            assertThat(devices.toString()).doesNotContain(id(browser)).doesNotContain(handles);
        }
        assertThat(one.devices("nobody")).isEmpty();
    }

    @Test
    void theSameBrowserKeepsItsHandleThroughRotationsAndHasOneRow() {
        TestBrowser browser = signedIn("alice");
        String handle = current(browser);
        browser.visit(Session::rotate);
        browser.visit(Session::changeId);
        browser.through(two).visit(Session::rotate);
        assertThat(current(browser)).isEqualTo(handle);
        assertThat(one.devices("alice")).hasSize(1);
    }

    @Test
    void aNewSignInInTheSameBrowserTakesTheRowOfTheOldOne() {
        TestBrowser browser = signedIn("alice");
        browser.visit(session -> session.login("alice"));
        assertThat(one.devices("alice")).hasSize(1);
        browser.visit(session -> session.login("bob"));
        assertThat(one.devices("alice")).isEmpty();
        assertThat(one.devices("bob")).hasSize(1);
    }

    @Test
    void aLogOutTakesTheRowAway() {
        TestBrowser browser = signedIn("alice");
        TestBrowser other = signedIn("alice");
        browser.visit(Session::logout);
        assertThat(one.devices("alice")).extracting(Device::id).containsExactly(current(other));
    }

    @Test
    void aSignInThatIsNotCommittedYetIsNotListed() {
        TestBrowser browser = signedIn("alice");
        List<Device> devices = browser.request(session -> {
            session.login("alice");
            return one.devices(session);
        });
        assertThat(devices).hasSize(1);
        assertThat(devices.get(0).current()).isTrue();
    }

    @Test
    void labelsAndAddressesAreKeptWhenAskedFor() {
        try (SessionManager node = node().deviceLabel(
                        agent -> agent.startsWith("Firefox") ? "Fire\u0000fox\u202E" : null)
                .deviceAddress(true)
                .build()) {
            TestBrowser browser = new TestBrowser(node, clock).header("User-Agent", "Firefox/1");
            browser.visit(session -> session.login("alice"));
            browser.visit(Session::rotate);
            assertThat(node.devices("alice")).extracting(Device::label).containsExactly("Firefox");
            // The exchange of this browser knows no address.
            assertThat(node.devices("alice")).extracting(Device::address).containsOnlyNulls();
            assertThat(node.devices("alice").toString()).doesNotContain("Firefox");
        }
    }

    @Test
    void aLabelThatCannotBeMadeStopsNoSignIn() {
        try (SessionManager node = node().deviceLabel(agent -> {
                    throw new IllegalStateException(agent);
                })
                .build()) {
            TestBrowser browser = new TestBrowser(node, clock).header("User-Agent", "x");
            browser.visit(session -> session.login("alice"));
            assertThat(node.devices("alice")).hasSize(1);
        }
    }

    @Test
    void labelsAreCutAtOneHundredAndTwentyCharacters() {
        try (SessionManager node =
                node().deviceLabel(agent -> "\uD83D\uDE00".repeat(100)).build()) {
            new TestBrowser(node, clock).header("User-Agent", "x").visit(session -> session.login("alice"));
            assertThat(node.devices("alice").get(0).label()).isEqualTo("\uD83D\uDE00".repeat(60));
        }
    }

    // Signing out

    @Test
    void signingOutOneDeviceLeavesTheOthers() {
        TestBrowser lost = signedIn("alice");
        TestBrowser kept = signedIn("alice");
        String lostId = id(lost);
        assertThat(two.signOut("alice", current(lost)).ended()).isEqualTo(1);
        assertThat(isIn(lost)).isFalse();
        assertThat(lost.<String>request(session -> session.get(NAME))).isNull();
        assertThat(isIn(kept)).isTrue();
        assertThat(one.devices("alice")).extracting(Device::id).containsExactly(current(kept));
        assertThat(two.stats().signedOut()).isEqualTo(1);
        assertThat(events)
                .filteredOn(event -> event.kind() == Kind.SIGNED_OUT)
                .singleElement()
                .satisfies(
                        event -> assertThat(List.of(event.id(), event.userId())).containsExactly(lostId, "alice"));
    }

    @Test
    void anotherUsersHandleEndsNothing() {
        TestBrowser alice = signedIn("alice");
        signedIn("bob");
        assertThat(one.signOut("bob", current(alice)).ended()).isZero();
        assertThat(one.signOut("alice", "no such handle").ended()).isZero();
        assertThat(isIn(alice)).isTrue();
    }

    @Test
    void signingOutTheOthersLeavesTheOneThatAsks() {
        TestBrowser mine = signedIn("alice");
        List<TestBrowser> others = List.of(signedIn("alice"), signedIn(two, "alice"));
        TestBrowser bob = signedIn("bob");
        assertThat(mine.<SignedOut>request(one::signOutOthers).ended()).isEqualTo(2);
        assertThat(others).noneMatch(DeviceCases::isIn);
        assertThat(isIn(mine)).isTrue();
        assertThat(isIn(bob)).isTrue();
        assertThat(mine.<SignedOut>request(one::signOutOthers).ended()).isZero();
    }

    @Test
    void signingOutEverywhereEndsAll() {
        List<TestBrowser> all = List.of(signedIn("alice"), signedIn(two, "alice"), signedIn("alice"));
        TestBrowser bob = signedIn("bob");
        assertThat(one.signOutEverywhere("alice").ended()).isEqualTo(3);
        assertThat(all).noneMatch(DeviceCases::isIn);
        assertThat(isIn(bob)).isTrue();
        assertThat(one.devices("alice")).isEmpty();
        TestBrowser again = all.get(0);
        again.visit(session -> session.login("alice"));
        assertThat(isIn(again)).isTrue();
    }

    @Test
    void afterAChangeOfPasswordTheOthersAreOutAndThisOneHasANewId() {
        TestBrowser mine = signedIn("alice");
        mine.visit(session -> session.set(NAME, "cart"));
        TestBrowser other = signedIn("alice");
        String before = id(mine);
        mine.visit(session -> {
            session.login("alice");
            one.signOutOthers(session);
        });
        assertThat(isIn(other)).isFalse();
        assertThat(isIn(mine)).isTrue();
        assertThat(id(mine)).isNotEqualTo(before);
        assertThat(mine.<String>request(session -> session.get(NAME))).isEqualTo("cart");
        TestBrowser third = signedIn("alice");
        mine.visit(session -> {
            session.rotate();
            one.signOutOthers(session);
        });
        assertThat(isIn(third)).isFalse();
        assertThat(isIn(mine)).isTrue();
    }

    @Test
    void aSlowRequestBringsNoSessionBack() {
        for (java.util.function.Consumer<Session> change : List.<java.util.function.Consumer<Session>>of(
                session -> session.set(NAME, "late"), Session::rotate, Session::changeId)) {
            TestBrowser browser = signedIn("alice");
            HeldRequest<Boolean> slow = browser.hold(session -> {
                change.accept(session);
                return true;
            });
            assertThat(two.signOutEverywhere("alice").ended()).isEqualTo(1);
            slow.release();
            assertThat(slow.response().setCookies()).isEmpty();
            assertThat(isIn(browser)).isFalse();
            assertThat(isIn(browser.through(two))).isFalse();
            assertThat(one.devices("alice")).isEmpty();
        }
    }

    @Test
    void onlyASessionOfThisManagerThatIsSignedInHasOthers() {
        browser()
                .visit(session ->
                        assertThatThrownBy(() -> one.signOutOthers(session)).isInstanceOf(IllegalStateException.class));
        browser()
                .visit(session ->
                        assertThatThrownBy(() -> one.devices(session)).isInstanceOf(IllegalStateException.class));
        signedIn("alice").visit(session -> {
            assertThatThrownBy(() -> two.signOutOthers(session)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> two.devices(session)).isInstanceOf(IllegalArgumentException.class);
        });
    }

    // The end of entries

    @Test
    void expiredSessionsAreNotListed() {
        TestBrowser old = signedIn("alice");
        String handle = current(old);
        clock.advance(Duration.ofHours(12).plusMinutes(1));
        TestBrowser young = signedIn("alice");
        assertThat(one.devices("alice"))
                .extracting(Device::id)
                .containsExactly(current(young))
                .doesNotContain(handle);
    }

    @Test
    void aSessionThatBecomesARememberedOneIsListedForItsWholeLife() {
        try (SessionManager node = node().remembered(Duration.ofMinutes(15), Duration.ofDays(10))
                .idleTimeout(Duration.ofMinutes(15))
                .absoluteLifetime(Duration.ofHours(1))
                .build()) {
            TestBrowser browser = new TestBrowser(node, clock);
            browser.visit(session -> session.login("alice"));
            browser.visit(Session::rememberMe);
            for (int i = 0; i < 10; i++) {
                clock.advance(Duration.ofMinutes(14));
                assertThat(isIn(browser)).isTrue();
            }
            new TestBrowser(node, clock).visit(session -> session.login("alice"));
            assertThat(node.signOutEverywhere("alice").ended()).isEqualTo(2);
            assertThat(isIn(browser)).isFalse();
        }
    }

    // The limit

    /** Runs all tasks at once, each on a thread of its own. */
    static <T> List<T> together(int count, java.util.function.IntFunction<T> task) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            List<Callable<T>> tasks = IntStream.range(0, count)
                    .<Callable<T>>mapToObj(i -> () -> task.apply(i))
                    .toList();
            List<T> results = new ArrayList<>();
            for (Future<T> future : threads.invokeAll(tasks, 60, TimeUnit.SECONDS)) {
                results.add(future.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }

    private void eightAtOnce(WhenFull whenFull) throws Exception {
        try (SessionManager a = node().maxSessionsPerUser(3, whenFull).build();
                SessionManager b = node().store(secondStore)
                        .maxSessionsPerUser(3, whenFull)
                        .build()) {
            for (int round = 0; round < 5; round++) {
                String user = "user" + round;
                List<TestBrowser> browsers = together(8, i -> {
                    TestBrowser browser = new TestBrowser(i % 2 == 0 ? a : b, clock);
                    try {
                        browser.visit(session -> session.login(user));
                    } catch (SessionLimitException | SessionConflictException refused) {
                        assertThat(browser.cookieLine()).isNull();
                    }
                    return browser;
                });
                assertThat(browsers.stream().filter(DeviceCases::isIn)).hasSize(3);
                assertThat(a.devices(user)).hasSize(3);
            }
        }
    }

    @Test
    void ofEightSignInsAtOnceThreeStayWhereThreeMayAndMoreAreRefused() throws Exception {
        eightAtOnce(WhenFull.REFUSE);
    }

    @Test
    void ofEightSignInsAtOnceThreeStayWhereThreeMayAndTheOldestEnd() throws Exception {
        eightAtOnce(WhenFull.END_OLDEST);
    }

    @Test
    void beyondTheLimitTheOldestEnds() {
        try (SessionManager node =
                node().maxSessionsPerUser(2, WhenFull.END_OLDEST).build()) {
            List<TestBrowser> browsers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                browsers.add(signedIn(node, "alice"));
                clock.advance(Duration.ofSeconds(1));
            }
            assertThat(browsers).extracting(DeviceCases::isIn).containsExactly(false, false, true, true);
            assertThat(node.stats().signedOut()).isEqualTo(2);
            browsers.get(3).visit(session -> session.login("alice"));
            assertThat(isIn(browsers.get(2))).isTrue();
        }
    }

    @Test
    void aRefusedSignInLeavesTheSessionAsItWasAndCanBeTold() {
        try (SessionManager node = node().maxSessionsPerUser(1, WhenFull.REFUSE).build()) {
            TestBrowser first = signedIn(node, "alice");
            TestBrowser second = new TestBrowser(node, clock);
            second.visit(session -> session.set(NAME, "cart"));
            String before = id(second);
            String told = second.request(session -> {
                session.login("alice");
                try {
                    session.commit();
                    return "signed in";
                } catch (SessionLimitException full) {
                    assertThat(full.getMessage()).doesNotContain("alice").contains("1");
                    return "too many: " + session.userId() + ", " + session.get(NAME);
                }
            });
            assertThat(told).isEqualTo("too many: null, cart");
            assertThat(id(second)).isEqualTo(before);
            first.visit(session -> session.login("alice"));
            assertThat(isIn(first)).isTrue();
            first.visit(Session::logout);
            second.visit(session -> session.login("alice"));
            assertThat(isIn(second)).isTrue();
        }
    }

    @Test
    void sessionsThatHaveExpiredLockNobodyOut() {
        try (SessionManager node = node().maxSessionsPerUser(1, WhenFull.REFUSE).build()) {
            signedIn(node, "alice");
            clock.advance(Duration.ofHours(12).plusSeconds(1));
            assertThat(isIn(signedIn(node, "alice"))).isTrue();
        }
    }

    @Test
    void rotationsAtOnceLeaveNoSessionThatASignOutDoesNotFind() throws Exception {
        for (int round = 0; round < 10; round++) {
            TestBrowser browser = signedIn("alice");
            List<TestBrowser> tabs = together(6, i -> {
                TestBrowser tab = browser.copyOfJar().through(i % 2 == 0 ? one : two);
                tab.visit(Session::rotate);
                return tab;
            });
            assertThat(tabs).anyMatch(DeviceCases::isIn);
            assertThat(one.devices("alice")).hasSize(1);
            assertThat(one.signOutEverywhere("alice").ended()).isEqualTo(1);
            assertThat(tabs).noneMatch(DeviceCases::isIn);
            assertThat(tabs).noneMatch(tab -> isIn(tab.through(two)));
        }
    }

    @Test
    void signInsDuringASignOutAreEitherOutOrListed() throws Exception {
        for (int round = 0; round < 5; round++) {
            List<TestBrowser> browsers = together(8, i -> {
                TestBrowser browser = new TestBrowser(i % 2 == 0 ? one : two, clock);
                if (i < 6) {
                    try {
                        browser.visit(session -> session.login("alice"));
                    } catch (SessionConflictException signedOutMeanwhile) {
                        assertThat(browser.cookieLine()).isNull();
                    }
                } else {
                    one.signOutEverywhere("alice");
                }
                return browser;
            });
            long in = browsers.stream().filter(DeviceCases::isIn).count();
            assertThat(two.devices("alice")).hasSize((int) in);
            assertThat(one.signOutEverywhere("alice").ended()).isEqualTo((int) in);
            assertThat(browsers).noneMatch(DeviceCases::isIn);
        }
    }

    // Without an index

    @Test
    void withoutAnIndexTheVerbsNameTheSetting() {
        try (SessionManager node = node().devices(false).build()) {
            TestBrowser browser = signedIn(node, "alice");
            browser.visit(session -> {
                assertThatThrownBy(() -> node.devices("alice"))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("devices");
                assertThatThrownBy(() -> node.devices(session)).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> node.signOut("alice", "x")).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> node.signOutOthers(session)).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> node.signOutEverywhere("alice")).isInstanceOf(IllegalStateException.class);
            });
            browser.visit(Session::logout);
        }
        assertThat(one.devices("alice")).isEmpty();
        assertThatThrownBy(() -> node().devices(false)
                        .maxSessionsPerUser(3, WhenFull.REFUSE)
                        .build())
                .hasMessageContaining("maxSessionsPerUser = 3")
                .hasMessageContaining("devices");
        assertThatThrownBy(() -> node().maxSessionsPerUser(-1, WhenFull.REFUSE).build())
                .hasMessageContaining("maxSessionsPerUser = -1: 1 to 1000");
    }

    // Keys of the ring

    @Test
    void aNewKeyOfTheRingMovesTheIndexAndForgetsNobody() {
        String old = "1:" + dev.coatcheck.KeyRing.generate().substring(2);
        String fresh = "2:" + dev.coatcheck.KeyRing.generate().substring(2);
        try (SessionManager before =
                        node().keyRing(dev.coatcheck.KeyRing.parse(old)).build();
                SessionManager both = node().keyRing(dev.coatcheck.KeyRing.parse(old + "," + fresh))
                        .build();
                SessionManager after = node().keyRing(dev.coatcheck.KeyRing.parse(fresh + "," + old))
                        .build()) {
            TestBrowser first = signedIn(before, "alice");
            assertThat(after.devices("alice")).hasSize(1);
            TestBrowser second = signedIn(after, "alice");
            assertThat(before.devices("alice")).isEmpty();
            assertThat(both.devices("alice")).hasSize(2);
            TestBrowser third = signedIn(both, "alice");
            assertThat(after.devices("alice")).hasSize(3);
            assertThat(after.signOutEverywhere("alice").ended()).isEqualTo(3);
            assertThat(List.of(first, second.through(both), third)).noneMatch(DeviceCases::isIn);
        }
    }

    List<Kind> signedOutKinds() {
        return events.stream()
                .map(SessionEvent::kind)
                .filter(kind -> kind == Kind.SIGNED_OUT)
                .toList();
    }
}
