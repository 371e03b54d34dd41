package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.WhenFull;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.store.memcached.MemcachedSessionStore;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Of two copies only the old one is in reach: one node was away while the other was written, and then that one goes. What is
 * known to be old is never shown.
 */
class OldCopyTest {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);
    private static final Duration SOON = Duration.ofSeconds(30);

    private final List<SessionEvent> events = new CopyOnWriteArrayList<>();
    private final KeyRing ring = KeyRing.parse(KeyRing.generate());
    private ThreeMemcacheds memcached;
    private MemcachedSessionStore store;
    private SessionManager node;
    private TestBrowser browser;
    private List<Integer> places = new ArrayList<>();

    /** A session, and where it is. */
    private void begin(int nodes) {
        memcached = new ThreeMemcacheds(nodes, "copies=2&timeout=500ms");
        store = memcached.one();
        node = SessionManager.builder()
                .store(store)
                .keyRing(ring)
                .listener(events::add)
                .build();
        await().atMost(SOON).until(() -> store.nodes().stream().allMatch(MemcachedNode::isUp));
        browser = new TestBrowser(node);
        browser.visit(session -> session.set(X, 1));
        List<Integer> copies = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            if (!memcached.servers.get(i).keys().isEmpty()) {
                copies.add(i);
            }
        }
        assertThat(copies).hasSize(2);
        places = copies;
    }

    @AfterEach
    void stop() {
        node.close();
        store.close();
        memcached.stop();
    }

    private MemcachedServer copy(int number) {
        return memcached.servers.get(places.get(number));
    }

    private void cut(int number) {
        memcached.wiresOne.get(places.get(number)).refuse();
        await().atMost(SOON).until(() -> !store.nodes().get(places.get(number)).isUp());
    }

    private void mend(int number) {
        memcached.wiresOne.get(places.get(number)).heal();
        await().atMost(SOON).until(() -> store.nodes().get(places.get(number)).isUp());
    }

    private void write(int value) {
        browser.visit(session -> session.set(X, value));
    }

    private void isUnavailable() {
        assertThatThrownBy(() -> browser.visit(session -> session.get(X)))
                .isInstanceOf(SessionUnavailableException.class);
        assertThat(browser.cookie(TwoNodes.COOKIE)).isNotNull();
    }

    private void soonSeesTwo() {
        await().atMost(SOON)
                .ignoreExceptionsInstanceOf(SessionUnavailableException.class)
                .untilAsserted(() ->
                        browser.visit(session -> assertThat(session.get(X)).isEqualTo(2)));
    }

    @Test
    void withAWitnessItIsUnavailableUntilTheNewerComesBack() {
        begin(3);
        cut(0);
        write(2);
        cut(1);
        mend(0);
        isUnavailable();
        mend(1);
        soonSeesTwo();
        assertThat(events).extracting(SessionEvent::kind).doesNotContain(SessionEvent.Kind.LOST);
    }

    @Test
    void withAWitnessItIsSaidToBeLostWhenTheNewerIsGone() {
        begin(3);
        cut(0);
        write(2);
        copy(1).restart();
        await().atMost(SOON).until(() -> store.nodes().get(places.get(1)).isUp());
        mend(0);
        await().atMost(SOON)
                .ignoreExceptionsInstanceOf(SessionUnavailableException.class)
                .untilAsserted(() ->
                        browser.visit(session -> assertThat(session.get(X)).isNull()));
        assertThat(events).extracting(SessionEvent::kind).contains(SessionEvent.Kind.LOST);
    }

    @Test
    void aLogOutWithOneCopyAwayIsFinal() {
        begin(3);
        TestBrowser thief = browser.copyOfJar();
        cut(0);
        browser.visit(Session::logout);
        assertThat(events).extracting(SessionEvent::kind).doesNotContain(SessionEvent.Kind.UNCONFIRMED);
        cut(1);
        mend(0);
        thief.visit(session -> assertThat(session.get(X)).isNull());
    }

    @Test
    void onTwoNodesTheBrowserRemembersThatThereIsANewerOne() {
        begin(2);
        cut(0);
        write(2);
        cut(1);
        mend(0);
        isUnavailable();
        mend(1);
        soonSeesTwo();
    }

    @Test
    void onTwoNodesALogOutWithOneAwayIsConfirmedLater() {
        begin(2);
        TestBrowser thief = browser.copyOfJar();
        cut(0);
        browser.visit(Session::logout);
        assertThat(events).extracting(SessionEvent::kind).contains(SessionEvent.Kind.UNCONFIRMED);
        mend(0);
        await().atMost(SOON).until(() -> copy(0).dump().values().stream().allMatch(value -> value.length == 80));
        cut(1);
        thief.visit(session -> assertThat(session.get(X)).isNull());
    }

    @Test
    void onTwoNodesSessionsGoOnWhileOneIsAway() {
        begin(2);
        cut(1);
        write(2);
        browser.visit(session -> assertThat(session.get(X)).isEqualTo(2));
        mend(1);
        await().atMost(SOON).until(() -> {
            browser.visit(session -> assertThat(session.get(X)).isEqualTo(2));
            Map<String, byte[]> first = copy(0).dump();
            Map<String, byte[]> second = copy(1).dump();
            return first.size() == 1
                    && first.keySet().equals(second.keySet())
                    && first.entrySet().stream()
                            .allMatch(item -> Arrays.equals(item.getValue(), second.get(item.getKey())));
        });
    }

    @Test
    void onTwoNodesWhatOneHasForgottenTheOtherHas() {
        begin(2);
        write(2);
        for (int forgetful = 0; forgetful < 2; forgetful++) {
            MemcachedServer server = copy(forgetful);
            server.restart();
            soonSeesTwo();
            await().atMost(SOON)
                    .ignoreExceptionsInstanceOf(SessionUnavailableException.class)
                    .until(() -> {
                        browser.visit(session -> assertThat(session.get(X)).isEqualTo(2));
                        return !server.keys().isEmpty();
                    });
        }
    }

    @Test
    void whoNeverSignedInCanDoSoWhileAnyOneOfThreeNodesIsAway() {
        begin(3);
        for (int away = 0; away < 3; away++) {
            int number = away;
            memcached.wiresOne.get(number).refuse();
            await().atMost(SOON).until(() -> !store.nodes().get(number).isUp());
            for (int user = 0; user < 20; user++) {
                String name = "user " + number + "." + user;
                new TestBrowser(node).visit(session -> session.login(name));
                assertThat(node.devices(name)).hasSize(1);
            }
            memcached.wiresOne.get(number).heal();
            await().atMost(SOON).until(() -> store.nodes().get(number).isUp());
        }
        for (int user = 0; user < 20; user++) {
            assertThat(node.signOutEverywhere("user 0." + user).ended()).isEqualTo(1);
        }
    }

    @Test
    void withALimitOfSessionsNobodySignsInWhoseListIsOutOfReach() {
        begin(3);
        List<String> refused = new ArrayList<>();
        try (SessionManager limited = SessionManager.builder()
                .store(store)
                .keyRing(ring)
                .maxSessionsPerUser(1, WhenFull.REFUSE)
                .build()) {
            cut(0);
            for (int user = 0; user < 40; user++) {
                String name = "user " + user;
                try {
                    new TestBrowser(limited).visit(session -> session.login(name));
                    assertThat(limited.devices(name)).hasSize(1);
                } catch (SessionUnavailableException e) {
                    refused.add(name);
                }
            }
            assertThat(refused).as("two of three have their list there").hasSizeBetween(1, 39);
            mend(0);
            for (String name : refused) {
                await().atMost(SOON)
                        .ignoreExceptionsInstanceOf(SessionUnavailableException.class)
                        .untilAsserted(() -> assertThat(limited.devices(name)).isEmpty());
                new TestBrowser(limited).visit(session -> session.login(name));
                assertThat(limited.devices(name)).hasSize(1);
            }
        }
    }

    @Test
    void anOldTicketIsUnavailableWhileANodeIsAwayAndNothingWhenItIsBack() {
        begin(3);
        memcached.servers.forEach(MemcachedServer::flush);
        cut(0);
        isUnavailable();
        mend(0);
        await().atMost(SOON)
                .ignoreExceptionsInstanceOf(SessionUnavailableException.class)
                .untilAsserted(() ->
                        browser.visit(session -> assertThat(session.get(X)).isNull()));
    }
}
