package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.DurableSessionStore;
import dev.coatcheck.Session;
import dev.coatcheck.SessionCache;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.TieredSessionStore;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.memcached.NodeSpec;
import dev.coatcheck.store.memcached.MemcachedSessionStore;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The list of memcacheds changes in front of a database: sessions do not move, and what a node has kept of before is not believed. */
class ChangingListTest extends TwoNodes {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);
    private static final int SESSIONS = 30;

    private final MemcachedServer a = MemcachedServer.start();
    private final MemcachedServer b = MemcachedServer.start();
    private final OneDatabase database = new OneDatabase();
    private final List<MemcachedClient> clients = new ArrayList<>();

    ChangingListTest() {
        super(OneMemcached.clock());
    }

    @Override
    SessionStore open() {
        return new TieredSessionStore(cache(), durable());
    }

    @Override
    SessionStore openSecond() {
        return open();
    }

    private SessionCache cache() {
        MemcachedClient client = MemcachedClient.builder()
                .node(a.address())
                .timeout(Duration.ofSeconds(5))
                .build();
        clients.add(client);
        return MemcachedSessionStore.over(client);
    }

    private DurableSessionStore durable() {
        return (DurableSessionStore) database.open("coatcheck.timeout=5s");
    }

    @Override
    void stopServers() {
        a.close();
        b.close();
    }

    /** All processes hear of another list. */
    private void list(MemcachedServer... servers) {
        clients.forEach(client -> list(client, servers));
    }

    private static void list(MemcachedClient client, MemcachedServer... servers) {
        client.change(
                Stream.of(servers).map(server -> NodeSpec.at(server.address())).toList());
        client.nodes().forEach(node -> node.firstContact().join());
    }

    private List<TestBrowser> sessions() {
        List<TestBrowser> browsers = new ArrayList<>();
        for (int i = 0; i < SESSIONS; i++) {
            browsers.add(browser());
        }
        write(browsers, 0);
        return browsers;
    }

    private static void write(List<TestBrowser> browsers, int value) {
        browsers.forEach(browser -> browser.visit(session -> session.set(X, value)));
    }

    private static void see(List<TestBrowser> browsers, SessionManager node, Integer value) {
        assertThat(browsers)
                .allSatisfy(browser -> assertThat(
                                browser.copyOfJar().through(node).<Integer>request(session -> session.get(X)))
                        .isEqualTo(value));
    }

    @Test
    void aNodeThatComesBackIntoTheListShowsNothingOfBefore() {
        List<TestBrowser> browsers = sessions();
        for (int round = 1; round <= 4; round++) {
            list(round % 2 == 0 ? new MemcachedServer[] {a} : new MemcachedServer[] {a, b});
            see(browsers, two, round - 1);
            see(browsers, one, round - 1);
            browsers.addAll(sessions());
            write(browsers, round);
            see(browsers, two, round);
        }
        assertThat(b.keys()).as("sessions that had two nodes").hasSizeBetween(1, 5 * SESSIONS - 1);
    }

    @Test
    void aLogOutIsFinalWhateverTheOtherNodeHasKept() {
        List<TestBrowser> browsers = sessions();
        list(a, b);
        see(browsers, two, 0);
        List<TestBrowser> thieves =
                browsers.stream().map(TestBrowser::copyOfJar).toList();
        browsers.forEach(
                browser -> assertThat(browser.<Boolean>request(Session::logout)).isTrue());
        assertThat(b.keys()).hasSizeBetween(1, SESSIONS - 1);
        list(a);
        see(thieves, two, null);
        list(a, b);
        see(thieves, two, null);
    }

    /** Each may see the past for a while, and changes nothing that was made of it. */
    @Test
    void serversWithDifferentListsLoseNoWrite() {
        List<TestBrowser> browsers = sessions();
        list(clients.get(0), a, b);
        for (int round = 0; round < 3; round++) {
            for (SessionManager node : List.of(one, two)) {
                browsers.forEach(browser -> browser.through(node).visit(session -> session.update(X, 0, n -> n + 1)));
            }
        }
        assertThat(b.keys()).hasSizeBetween(1, SESSIONS - 1);
        a.flush();
        b.flush();
        see(browsers, two, 6);
    }

    /** With a window: it has what the database waits for, and proves nothing without it. */
    @Test
    void theProcessThatHoldsAChangeSeesItWhateverTheListIs() {
        List<TestBrowser> browsers = sessions();
        try (SessionStore waiting =
                        TieredSessionStore.writeBehind(cache(), durable(), Duration.ofMinutes(1), SESSIONS);
                SessionManager node = node().store(waiting).build()) {
            List<TestBrowser> there =
                    browsers.stream().map(browser -> browser.through(node)).toList();
            list(a, b);
            see(there, node, 0);
            write(there, 1);
            assertThat(waiting.health().parts().get(2).figures()).containsEntry("waiting", (long) SESSIONS);
            list(a);
            see(there, node, 1);
            write(there, 2);
        }
        see(browsers, two, 2);
    }
}
