package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.store.memcached.MemcachedSessionStore;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Six memcacheds in three zones: the two of a zone go at once, and the two copies of no session are among them. */
class ZonesTest {
    private static final int SESSIONS = 60;
    private static final SessionKey<Integer> NUMBER = SessionKey.of("number", Integer.class);
    private static final Duration SOON = Duration.ofSeconds(60);

    private final List<MemcachedServer> servers =
            IntStream.range(0, 6).mapToObj(i -> MemcachedServer.start()).toList();
    private final MemcachedSessionStore store = (MemcachedSessionStore) SessionStore.open(IntStream.range(0, 6)
            .mapToObj(i -> "mc" + i + "=" + servers.get(i).address() + ";zone=z" + i / 2)
            .collect(Collectors.joining(",", "memcached://", "?copies=2&timeout=5s")));
    private final SessionManager sessions = SessionManager.builder()
            .store(store)
            .keyRing(KeyRing.parse(KeyRing.generate()))
            .build();
    private final List<TestBrowser> browsers = new ArrayList<>();

    @BeforeEach
    void begin() {
        allAreUp();
        for (int i = 0; i < SESSIONS; i++) {
            int number = i;
            browsers.add(TestBrowser.withSession(sessions, session -> session.set(NUMBER, number)));
        }
    }

    @AfterEach
    void stop() {
        sessions.close();
        store.close();
        servers.forEach(MemcachedServer::close);
    }

    private void allAreUp() {
        await().atMost(SOON).until(() -> store.nodes().stream().allMatch(MemcachedNode::isUp));
    }

    private List<MemcachedServer> zone(int number) {
        return servers.subList(2 * number, 2 * number + 2);
    }

    private Set<String> keys(int zone) {
        return zone(zone).stream()
                .flatMap(server -> server.keys().stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void areThere(int more) {
        for (int i = 0; i < SESSIONS; i++) {
            assertThat(browsers.get(i).<Integer>request(session -> session.get(NUMBER)))
                    .isEqualTo(i + more);
        }
    }

    private void growBy(int more) {
        browsers.forEach(browser -> browser.visit(session -> session.update(NUMBER, 0, number -> number + more)));
    }

    @Test
    void eachSessionIsInTwoZones() {
        List<Set<String>> zones = List.of(keys(0), keys(1), keys(2));
        Set<String> all = zones.stream().flatMap(Set::stream).collect(Collectors.toCollection(TreeSet::new));
        assertThat(all).hasSize(SESSIONS);
        assertThat(all)
                .allSatisfy(key -> assertThat(zones.stream().filter(zone -> zone.contains(key)))
                        .hasSize(2));
        assertThat(zones).noneMatch(Set::isEmpty);
    }

    @Test
    void aZoneThatDiesAndComesBackEmptyTakesNoSessionAlong() {
        for (int zone = 0; zone < 3; zone++) {
            zone(zone).forEach(MemcachedServer::kill);
            areThere(2 * zone);
            growBy(1);
            areThere(2 * zone + 1);
            zone(zone).forEach(MemcachedServer::restart);
            allAreUp();
            growBy(1);
            areThere(2 * zone + 2);
            await().atMost(SOON).until(() -> store.copyStats().missed().isEmpty());
        }
        TestBrowser thief = browsers.get(0).copyOfJar();
        zone(0).forEach(MemcachedServer::kill);
        assertThat(browsers.get(0).<Boolean>request(Session::logout)).isTrue();
        zone(0).forEach(MemcachedServer::restart);
        allAreUp();
        assertThat(thief.<Integer>request(session -> session.get(NUMBER))).isNull();
    }
}
