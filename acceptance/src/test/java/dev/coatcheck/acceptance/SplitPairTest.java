package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.store.memcached.MemcachedSessionStore;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two application nodes of which each reaches another one of two memcacheds, and no third one knows who is right. */
class SplitPairTest {
    private static final int SESSIONS = 30;
    private static final SessionKey<String> LEFT = SessionKey.of("left", String.class);
    private static final SessionKey<String> RIGHT = SessionKey.of("right", String.class);
    private static final Duration SOON = Duration.ofSeconds(30);

    private final List<TestBrowser> browsers = new ArrayList<>();
    private ThreeMemcacheds memcached;
    private MemcachedSessionStore store;
    private MemcachedSessionStore secondStore;
    private SessionManager one;
    private SessionManager two;

    private void begin(int copies) {
        memcached = new ThreeMemcacheds(2, "copies=" + copies + "&timeout=2s&connections=1");
        store = memcached.one();
        secondStore = memcached.two();
        KeyRing ring = KeyRing.parse(KeyRing.generate());
        one = SessionManager.builder().store(store).keyRing(ring).build();
        two = SessionManager.builder().store(secondStore).keyRing(ring).build();
        await().atMost(SOON).until(this::allAreUp);
        for (int i = 0; i < SESSIONS; i++) {
            TestBrowser browser = new TestBrowser(one);
            set(browser, "before");
            browsers.add(browser);
        }
    }

    @AfterEach
    void stop() {
        one.close();
        two.close();
        store.close();
        secondStore.close();
        memcached.stop();
    }

    private boolean allAreUp() {
        return Stream.of(store, secondStore)
                .flatMap(each -> each.nodes().stream())
                .allMatch(MemcachedNode::isUp);
    }

    /** The first application node reaches the first memcached alone, the second one the second. */
    private void split() {
        memcached.wiresOne.get(1).refuse();
        memcached.wiresTwo.get(0).refuse();
        await().atMost(SOON)
                .until(() -> !store.nodes().get(1).isUp()
                        && !secondStore.nodes().get(0).isUp());
    }

    private void heal() {
        memcached.wiresOne.get(1).heal();
        memcached.wiresTwo.get(0).heal();
        await().atMost(SOON).until(this::allAreUp);
        await().atMost(SOON)
                .until(() -> store.copyStats().missed().isEmpty()
                        && secondStore.copyStats().missed().isEmpty());
    }

    private static void set(TestBrowser browser, String value) {
        browser.visit(session -> {
            session.set(LEFT, value);
            session.set(RIGHT, value);
        });
    }

    /** What a browser sees, of which all was set together. */
    private static String seen(TestBrowser browser) {
        return browser.<String>request(session -> {
            assertThat(session.get(LEFT)).isEqualTo(session.get(RIGHT));
            return session.get(LEFT);
        });
    }

    @Test
    void ofTwoThatAreWrittenApartOneIsKeptAsAWholeEverywhereAndTheOtherIsCounted() {
        begin(2);
        split();
        for (TestBrowser browser : browsers) {
            set(browser.copyOfJar(), "one");
            TestBrowser other = browser.copyOfJar().through(two);
            set(other, "two");
            set(other, "two, later"); // the higher version
        }
        heal();
        for (TestBrowser browser : browsers) {
            assertThat(seen(browser)).isEqualTo("two, later");
            assertThat(seen(browser.through(two))).isEqualTo("two, later");
        }
        long splits = store.copyStats().splits() + secondStore.copyStats().splits();
        // Each at least once: both application nodes may meet it before either has mended it.
        assertThat(splits).isGreaterThanOrEqualTo(SESSIONS);
    }

    @Test
    void eachSideServesWhatItHasWritten() {
        begin(2);
        split();
        for (TestBrowser browser : browsers) {
            TestBrowser other = browser.copyOfJar().through(two);
            set(browser, "one");
            assertThat(seen(browser)).isEqualTo("one");
            assertThat(seen(other)).isEqualTo("before");
        }
        heal();
        for (TestBrowser browser : browsers) {
            assertThat(seen(browser.copyOfJar().through(two))).isEqualTo("one");
            assertThat(seen(browser)).isEqualTo("one");
        }
        assertThat(store.copyStats().splits() + secondStore.copyStats().splits())
                .isZero();
    }

    /** Whoever writes on the other side, and however often. */
    @Test
    void aLogOutOnOneSideIsStrongerThanAWriteOnTheOther() {
        begin(2);
        split();
        for (TestBrowser browser : browsers) {
            TestBrowser other = browser.copyOfJar().through(two);
            assertThat(browser.copyOfJar().<Boolean>request(Session::logout)).isFalse();
            set(other, "two");
            set(other, "two, later");
        }
        heal();
        for (TestBrowser browser : browsers) {
            assertThat(seen(browser)).isNull();
            assertThat(seen(browser.through(two))).isNull();
        }
    }

    @Test
    void whoSignsInOnEitherSideStaysWhoHeIsAndTheIdOfBeforeLeadsToNobody() {
        begin(2);
        split();
        List<TestBrowser> alices = new ArrayList<>();
        List<TestBrowser> bobs = new ArrayList<>();
        for (TestBrowser browser : browsers) {
            alices.add(browser.copyOfJar());
            bobs.add(browser.copyOfJar().through(two));
        }
        alices.forEach(alice -> alice.visit(session -> session.login("alice")));
        bobs.forEach(bob -> bob.visit(session -> session.login("bob")));
        heal();
        for (SessionManager node : List.of(one, two)) {
            assertThat(users(alices, node)).containsOnly("alice");
            assertThat(users(bobs, node)).containsOnly("bob");
            assertThat(users(browsers, node)).containsOnlyNulls();
        }
    }

    private static List<String> users(List<TestBrowser> browsers, SessionManager node) {
        return browsers.stream()
                .map(browser -> browser.copyOfJar().through(node).<String>request(Session::userId))
                .collect(Collectors.toList());
    }

    /** What a side does not reach is no absence, and nothing is made in its place. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withOneCopyEachSideServesWhatItReaches(boolean written) {
        begin(1);
        int onFirst = memcached.servers.get(0).keys().size();
        split();
        int byOne = 0;
        int byTwo = 0;
        for (TestBrowser browser : browsers) {
            byOne += reached(browser, written) ? 1 : 0;
            byTwo += reached(browser.through(two), written) ? 1 : 0;
        }
        assertThat(byOne).isEqualTo(onFirst);
        assertThat(byTwo).isEqualTo(SESSIONS - onFirst);
        heal();
        for (TestBrowser browser : browsers) {
            String expected = written ? "after" : "before";
            assertThat(seen(browser)).isEqualTo(expected);
            assertThat(seen(browser.through(two))).isEqualTo(expected);
        }
    }

    private static boolean reached(TestBrowser browser, boolean write) {
        try {
            if (write) {
                set(browser, "after");
            }
            assertThat(seen(browser)).isEqualTo(write ? "after" : "before");
            return true;
        } catch (SessionUnavailableException e) {
            return false;
        }
    }
}
