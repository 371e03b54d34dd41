package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.store.memcached.MemcachedSessionStore;
import dev.coatcheck.test.FaultProxy;
import dev.coatcheck.test.HeldRequest;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With two copies, one of three memcacheds that is slow, drips, vanishes or forgets fails no request and loses nothing. */
class UnwellNodeTest {
    /** So many that of some the node has the first copy, of some the second, and of some it is the witness. */
    private static final int SESSIONS = 30;

    private static final SessionKey<Integer> COUNT = SessionKey.of("count", Integer.class);
    private static final Duration SOON = Duration.ofSeconds(30);

    private final ThreeMemcacheds memcached = new ThreeMemcacheds(3, "copies=2&timeout=1500ms");
    private final MemcachedSessionStore store = memcached.one();
    private final MemcachedSessionStore secondStore = memcached.two();
    private final List<SessionEvent> events = new CopyOnWriteArrayList<>();
    private final KeyRing ring = KeyRing.parse(KeyRing.generate());
    private final SessionManager one = manager(store);
    private final SessionManager two = manager(secondStore);
    private final List<TestBrowser> browsers = new ArrayList<>();
    private int count;

    private SessionManager manager(MemcachedSessionStore over) {
        return SessionManager.builder()
                .store(over)
                .keyRing(ring)
                .listener(events::add)
                .build();
    }

    @BeforeEach
    void begin() {
        awaitAllUp();
        for (int i = 0; i < SESSIONS; i++) {
            browsers.add(TestBrowser.withSession(one, session -> session.set(COUNT, 0)));
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

    private void awaitAllUp() {
        await().atMost(SOON)
                .until(() -> store.nodes().stream().allMatch(MemcachedNode::isUp)
                        && secondStore.nodes().stream().allMatch(MemcachedNode::isUp));
    }

    /** Of the node with the fault. */
    private long timeouts() {
        return store.stats().get(0).timeouts();
    }

    /** Every session is changed and read. */
    private void goOn() {
        browsers.forEach(browser -> browser.visit(session -> session.update(COUNT, 0, n -> n + 1)));
        count++;
        browsers.forEach(browser ->
                browser.visit(session -> assertThat(session.get(COUNT)).isEqualTo(count)));
    }

    /** So does the other application node, whose wires have no fault. */
    private void allIsWell() {
        awaitAllUp();
        for (TestBrowser browser : browsers) {
            browser.visit(session -> assertThat(session.get(COUNT)).isEqualTo(count));
            browser.copyOfJar()
                    .through(two)
                    .visit(session -> assertThat(session.get(COUNT)).isEqualTo(count));
        }
        await().atMost(SOON).until(() -> store.copyStats().missed().isEmpty());
    }

    @Test
    void aSlowNodeIsWaitedForAndMissesNothing() {
        FaultProxy slow = memcached.wiresOne.get(0).delay(Duration.ofMillis(100));
        goOn();
        assertThat(slow.happened()).isGreaterThan(SESSIONS);
        assertThat(timeouts()).isZero();
        assertThat(store.copyStats().missed()).isEmpty();
        assertThat(events).extracting(SessionEvent::kind).doesNotContain(Kind.DEGRADED);
    }

    /** Each byte comes well within the time allowed, a whole answer does not. */
    @Test
    void aNodeThatDripsIsCutOffAtTheDeadlineAndDoneWithout() {
        costsADeadlineAndNothingElse(wire -> wire.drip(Duration.ofMillis(200)));
    }

    @Test
    void aNodeThatVanishedIsDoneWithout() {
        costsADeadlineAndNothingElse(FaultProxy::loseRequests);
    }

    @Test
    void aNodeWhoseAnswersAreLostIsDoneWithout() {
        costsADeadlineAndNothingElse(FaultProxy::dropReplies);
    }

    private void costsADeadlineAndNothingElse(Consumer<FaultProxy> fault) {
        fault.accept(memcached.wiresOne.get(0));
        goOn();
        // One caller at a time, whose next one may be on its way before it is known.
        assertThat(timeouts()).isBetween(1L, 4L);
        await().atMost(SOON).until(() -> !store.nodes().get(0).isUp());
        long before = timeouts();
        goOn();
        goOn();
        assertThat(timeouts()).isEqualTo(before);
        memcached.wiresOne.get(0).heal();
        allIsWell();
    }

    /** Whichever node it is that did as it was told and could not say so, and whether all three are there or two. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aChangeWhoseAnswerIsLostIsDoneOnceAndIsNoConflict(boolean oneIsAway) {
        if (oneIsAway) {
            memcached.wiresOne.get(2).refuse();
            await().atMost(SOON).until(() -> !store.nodes().get(2).isUp());
        }
        int resolved = 0;
        int number = 0;
        for (TestBrowser browser : browsers.subList(0, 12)) {
            number = (number + 1) % (oneIsAway ? 2 : 3);
            FaultProxy wire = memcached.wiresOne.get(number);
            HeldRequest<Integer> held = browser.hold(session -> session.update(COUNT, 0, n -> n + 1));
            awaitUse();
            wire.resetCounters().cutAfter(0);
            boolean told = isTold(held);
            resolved += told && wire.heal().happened() > 0 ? 1 : 0;
            wire.heal();
            int seen = await().atMost(SOON)
                    .ignoreException(SessionUnavailableException.class)
                    .until(() -> browser.<Integer>request(session -> session.get(COUNT)), n -> true);
            assertThat(seen).isBetween(told ? 1 : 0, 1);
        }
        assertThat(resolved).isPositive();
        assertThat(one.stats().conflicts()).isZero();
        assertThat(events).extracting(SessionEvent::kind).doesNotContain(Kind.CONFLICT);
    }

    /** A machine that is busy may make the connection anew too late. */
    private static boolean isTold(HeldRequest<Integer> held) {
        try {
            assertThat(held.release()).isEqualTo(1);
            return true;
        } catch (SessionUnavailableException e) {
            assertThat(e).hasMessageContaining("may be stored");
            return false;
        }
    }

    /** A connection that had been of use is made anew at once; one that had not, after a pause in which its node is away. */
    private static void awaitUse() {
        long start = System.nanoTime();
        await().until(() -> System.nanoTime() - start > 1_100_000_000L);
    }

    @Test
    void whatOneNodeHasThrownOutIsShownFromTheOther() {
        MemcachedServer forgetful = memcached.servers.get(0);
        forgetful.keys().forEach(forgetful::delete);
        goOn();
        assertThat(events).extracting(SessionEvent::kind).doesNotContain(Kind.LOST);
        assertThat(store.copyStats().repairs()).isPositive();
        allIsWell();
    }

    @Test
    void whereAllHaveForgottenAUserIsAnonymousAndSignsInAgain() {
        memcached.servers.forEach(server -> server.flush());
        for (TestBrowser browser : browsers) {
            assertThat(browser.<Integer>request(session -> session.get(COUNT))).isNull();
            browser.visit(session -> session.login("alice"));
            assertThat(browser.<String>request(Session::userId)).isEqualTo("alice");
        }
        assertThat(events).extracting(SessionEvent::kind).doesNotContain(Kind.LOST, Kind.DEGRADED, Kind.CORRUPT);
    }

    @Test
    void whoLogsOutWhileANodeIsFrozenStaysOutWhenItThaws() {
        List<TestBrowser> thieves =
                browsers.stream().map(TestBrowser::copyOfJar).toList();
        memcached.servers.get(0).freeze();
        browsers.forEach(
                browser -> assertThat(browser.<Boolean>request(Session::logout)).isTrue());
        assertThat(events).extracting(SessionEvent::kind).doesNotContain(Kind.UNCONFIRMED);
        assertThat(memcached.servers.stream().skip(1).map(server -> server.dump()))
                .as("nothing but marks of ends")
                .flatMap(Map::values)
                .allMatch(value -> value.length == 80);
        memcached.servers.get(0).thaw();
        for (TestBrowser thief : thieves) {
            thief.through(two).visit(session -> assertThat(session.get(COUNT)).isNull());
        }
        awaitAllUp();
        for (TestBrowser thief : thieves) {
            thief.through(one).visit(session -> assertThat(session.get(COUNT)).isNull());
        }
    }
}
