package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionStore;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.store.memcached.MemcachedSessionStore;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What requests cost with each session at two of three memcacheds, by the counters of all three together. */
class TwoCopiesCostTest extends TwoNodes {
    private static final SessionKey<Integer> HITS = SessionKey.of("hits", Integer.class);
    private static final SessionKey<String> NAME = SessionKey.of("name", String.class);
    private static final Duration SOON = Duration.ofSeconds(30);

    private final ThreeMemcacheds memcached = new ThreeMemcacheds();

    TwoCopiesCostTest() {
        super(OneMemcached.clock());
    }

    @Override
    SessionStore open() {
        return memcached.one();
    }

    @Override
    SessionStore openSecond() {
        return memcached.two();
    }

    @Override
    void stopServers() {
        memcached.stop();
    }

    private long cost(TestBrowser who, Consumer<Session> request) {
        return memcached.during(() -> who.visit(request));
    }

    private TestBrowser session() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(HITS, 1));
        return browser;
    }

    @Test
    void whatDoesNotTouchASessionCostsNothing() {
        TestBrowser browser = session();
        assertThat(cost(browser, session -> {})).isZero();
        assertThat(cost(browser, Session::requestedId)).isZero();
        assertThat(cost(browser(), Session::csrfToken)).isZero();
    }

    @Test
    void aForgedTicketCostsNothing() {
        String ticket = session().cookie(COOKIE);
        TestBrowser forger = browser();
        forger.setCookie(COOKIE + "=" + ticket.substring(0, 9) + (ticket.charAt(9) == 'A' ? "B" : "A")
                + ticket.substring(10) + "; Path=/; Secure");
        assertThat(cost(forger, session -> assertThat(session.get(HITS)).isNull()))
                .isZero();
    }

    @Test
    void anUnknownTicketCostsTwoAndThenNothingForFiveSeconds() {
        TestBrowser browser = session();
        memcached.servers.forEach(server -> server.flush());
        assertThat(cost(browser, session -> assertThat(session.get(HITS)).isNull()))
                .isEqualTo(2);
        assertThat(cost(browser, session -> assertThat(session.get(HITS)).isNull()))
                .isZero();
        clock.advance(Duration.ofSeconds(5));
        assertThat(cost(browser, session -> assertThat(session.get(HITS)).isNull()))
                .isEqualTo(2);
    }

    @Test
    void aNewSessionCostsTwo() {
        assertThat(cost(browser(), session -> session.set(HITS, 1))).isEqualTo(2);
    }

    @Test
    void aReadCostsTwoAtEitherNode() {
        TestBrowser browser = session();
        assertThat(cost(browser, session -> assertThat(session.get(HITS)).isEqualTo(1)))
                .isEqualTo(2);
        assertThat(cost(
                        browser.through(two),
                        session -> assertThat(session.get(HITS)).isEqualTo(1)))
                .isEqualTo(2);
    }

    @Test
    void aReadMovesTheSessionOnce() {
        TestBrowser browser = browser();
        byte[] cart = new byte[10_000];
        SessionKey<byte[]> key = SessionKey.of("cart", byte[].class);
        browser.visit(session -> session.set(key, cart));
        memcached.wiresOne.forEach(wire -> wire.resetCounters());
        browser.visit(session -> assertThat(session.get(key)).hasSize(cart.length));
        memcached.wiresOne.forEach(wire -> wire.heal()); // takes its turn behind what it still has to count
        long moved = memcached.wiresOne.stream()
                .mapToLong(wire -> wire.bytesToClient())
                .sum();
        assertThat(moved).isBetween(10_000L, 10_700L);
    }

    @Test
    void aChangeCostsFourHoweverMany() {
        TestBrowser browser = session();
        assertThat(cost(browser, session -> {
                    session.update(HITS, 0, n -> n + 1);
                    session.set(NAME, "x");
                }))
                .isEqualTo(4);
        assertThat(cost(browser, session -> session.set(HITS, 2))).isEqualTo(2);
    }

    @Test
    void whatIsFoundDeadCostsFourAndThenNothingForFiveSeconds() {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.set(HITS, 1);
            session.expireIn(Duration.ofMinutes(1));
        });
        clock.advance(Duration.ofMinutes(2));
        assertThat(cost(browser, session -> assertThat(session.get(HITS)).isNull()))
                .isEqualTo(4);
        assertThat(cost(browser, session -> assertThat(session.get(HITS)).isNull()))
                .as("the mark of its end")
                .isEqualTo(4);
        assertThat(cost(browser, session -> assertThat(session.get(HITS)).isNull()))
                .isZero();
    }

    @Test
    void aRotationCostsSixAndOfAUserTen() {
        TestBrowser browser = session();
        assertThat(cost(browser, Session::rotate)).isEqualTo(6);
        assertThat(cost(browser, Session::changeId)).isEqualTo(6);
        browser.visit(session -> session.login("alice"));
        assertThat(cost(browser, Session::rotate)).isEqualTo(10);
        assertThat(cost(browser, Session::changeId)).isEqualTo(10);
    }

    @Test
    void aSignInCostsSixForAVisitorAndTenForASession() {
        TestBrowser browser = browser();
        assertThat(cost(browser, session -> session.login("alice"))).isEqualTo(6);
        assertThat(cost(browser, session -> session.login("alice"))).isEqualTo(10);
    }

    @Test
    void aLogOutCostsTwoMoreThanItsReadAndOfAUserFourMore() {
        assertThat(cost(session(), Session::logout)).isEqualTo(4);
        TestBrowser user = browser();
        user.visit(session -> session.login("alice"));
        assertThat(cost(user, Session::logout)).isEqualTo(8);
    }

    /** The one of now that has a copy of the only session goes; the other two are left. */
    private void killACopy(int number) {
        List<MemcachedServer> copies = memcached.servers.stream()
                .filter(server -> !server.keys().isEmpty())
                .toList();
        assertThat(copies).hasSize(2);
        MemcachedServer gone = copies.get(number);
        gone.kill();
        MemcachedNode node = ((MemcachedSessionStore) store).nodes().get(memcached.servers.indexOf(gone));
        await().atMost(SOON).until(() -> !node.isUp());
    }

    private long costAmongTheLiving(TestBrowser who, Consumer<Session> request) {
        long before = alive();
        who.visit(request);
        return alive() - before;
    }

    private long alive() {
        return memcached.servers.stream()
                .filter(MemcachedServer::isRunning)
                .mapToLong(server -> server.commands().total())
                .sum();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void whileANodeIsDownAReadCostsOnceOneMore(int number) {
        TestBrowser browser = session();
        killACopy(number);
        Consumer<Session> read = session -> assertThat(session.get(HITS)).isEqualTo(1);
        assertThat(costAmongTheLiving(browser, read)).isEqualTo(3);
        assertThat(costAmongTheLiving(browser, read)).isEqualTo(2);
        assertThat(costAmongTheLiving(browser, read)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void whileANodeIsDownAChangeCostsFour(int number) {
        TestBrowser browser = session();
        killACopy(number);
        browser.visit(session -> session.set(HITS, 2));
        assertThat(costAmongTheLiving(browser, session -> session.set(HITS, 3))).isEqualTo(4);
    }
}
