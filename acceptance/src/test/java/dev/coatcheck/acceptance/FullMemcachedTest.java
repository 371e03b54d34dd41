package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.StoreHealth;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A memcached whose memory is full: it evicts, or it refuses. */
class FullMemcachedTest {
    private static final SessionKey<Integer> NUMBER = SessionKey.of("number", Integer.class);
    private static final SessionKey<byte[]> LOAD = SessionKey.of("load", byte[].class);

    private final List<SessionEvent> events = new CopyOnWriteArrayList<>();

    private SessionManager manager(SessionStore store) {
        return SessionManager.builder()
                .store(store)
                .keyRing(KeyRing.parse(KeyRing.generate()))
                .listener(events::add)
                .build();
    }

    @Test
    void evictedSessionsAreAbsentAndNobodySeesAnothers() {
        OneMemcached memcached = new OneMemcached("-m", "8");
        try (SessionStore store = memcached.direct();
                SessionManager sessions = manager(store)) {
            List<TestBrowser> browsers = numbered(sessions, 1_500, 10_000);
            assertThat(numbers(browsers).stream().filter(Objects::nonNull).count())
                    .isBetween(1L, 1_400L);
            assertThat(sessions.stats().corrupt()).isZero();
            assertThat(sessions.stats().unavailable()).isZero();
            TestBrowser evicted = browsers.get(0);
            evicted.visit(session -> {
                session.clear();
                session.set(NUMBER, 7);
            });
            assertThat(evicted.<Integer>request(session -> session.get(NUMBER))).isEqualTo(7);
        } finally {
            memcached.stop();
        }
    }

    @Test
    void aServerThatRefusesWhenItIsFullKeepsWhatItHasAndWritesFailAloud() {
        OneMemcached memcached = new OneMemcached(new String[] {"-M", "-m", "8"}, "timeout=5s&whenFull=refuse");
        try (SessionStore store = memcached.direct();
                SessionManager sessions = manager(store)) {
            List<TestBrowser> browsers = numbered(sessions, 20, 0);
            memcached.server.fill(10_000);
            TestBrowser visitor = new TestBrowser(sessions);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100; i++) {
                            visitor.copyOfJar().visit(session -> session.set(LOAD, new byte[10_000]));
                        }
                    })
                    .isInstanceOf(SessionUnavailableException.class);
            assertThat(visitor.cookieLine()).isNull();
            assertThat(events).extracting(SessionEvent::kind).contains(SessionEvent.Kind.DEGRADED);
            for (int i = 0; i < 20; i++) {
                assertThat(browsers.get(i).<Integer>request(session -> session.get(NUMBER)))
                        .isEqualTo(i);
            }
            assertThat(browsers.get(0).<Boolean>request(Session::logout)).isTrue();
        } finally {
            memcached.stop();
        }
    }

    @Test
    void withTwoCopiesOneServerThatRefusesIsLikeOneThatIsAway() {
        ThreeMemcacheds memcached = new ThreeMemcacheds(3, "copies=2&timeout=5s&whenFull=refuse", "-M", "-m", "8");
        try (SessionStore store = memcached.direct();
                SessionManager sessions = manager(store)) {
            List<TestBrowser> browsers = numbered(sessions, 30, 10_000);
            memcached.servers.get(0).fill(10_000);
            for (int i = 0; i < 30; i++) {
                int number = i;
                browsers.get(i).visit(session -> {
                    session.set(NUMBER, 100 + number);
                });
                assertThat(browsers.get(i).<Integer>request(session -> session.get(NUMBER)))
                        .isEqualTo(100 + i);
            }
            assertThat(events).extracting(SessionEvent::kind).contains(SessionEvent.Kind.DEGRADED);
            TestBrowser thief = browsers.get(0).copyOfJar();
            browsers.forEach(browser ->
                    assertThat(browser.<Boolean>request(Session::logout)).isTrue());
            assertThat(thief.<Integer>request(session -> session.get(NUMBER))).isNull();
        } finally {
            memcached.stop();
        }
    }

    @Test
    void withTwoCopiesWhereAllServersRefuseNewSessionsFailAloudAndTheOthersGoOn() {
        ThreeMemcacheds memcached = new ThreeMemcacheds(3, "copies=2&timeout=5s&whenFull=refuse", "-M", "-m", "8");
        try (SessionStore store = memcached.direct();
                SessionManager sessions = manager(store)) {
            List<TestBrowser> browsers = numbered(sessions, 20, 0);
            memcached.servers.forEach(server -> server.fill(10_000));
            TestBrowser visitor = new TestBrowser(sessions);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 200; i++) {
                            visitor.copyOfJar().visit(session -> session.set(LOAD, new byte[10_000]));
                        }
                    })
                    .isInstanceOf(SessionUnavailableException.class);
            assertThat(visitor.cookieLine()).isNull();
            assertThat(events).extracting(SessionEvent::kind).contains(SessionEvent.Kind.DEGRADED);
            assertThat(numbers(browsers)).doesNotContainNull();
            for (TestBrowser browser : browsers) {
                TestBrowser thief = browser.copyOfJar();
                browser.visit(Session::logout);
                assertThat(thief.<Integer>request(session -> session.get(NUMBER)))
                        .isNull();
            }
        } finally {
            memcached.stop();
        }
    }

    @Test
    void withTwoCopiesWhatOneServerEvictsIsShownFromTheOtherAndWhatBothDoIsAbsent() {
        ThreeMemcacheds memcached = new ThreeMemcacheds(3, "copies=2&timeout=5s", "-m", "8");
        try (SessionStore store = memcached.direct();
                SessionManager sessions = manager(store)) {
            List<TestBrowser> browsers = numbered(sessions, 60, 10_000);
            assertThat(sessions.health().has(StoreHealth.Trouble.EVICTS)).isFalse();
            int first = ours(memcached, 0);
            memcached.servers.get(0).fill(10_000, 2_000);
            assertThat(ours(memcached, 0)).isLessThan(first);
            assertThat(numbers(browsers)).doesNotContainNull();
            await().atMost(Duration.ofSeconds(30)).until(() -> sessions.health().has(StoreHealth.Trouble.EVICTS));
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() ->
                            assertThat(events).extracting(SessionEvent::kind).contains(SessionEvent.Kind.EVICTED));

            memcached.servers.forEach(server -> server.fill(10_000, 2_000));
            assertThat(numbers(browsers)).containsNull();
            assertThat(events)
                    .extracting(SessionEvent::kind)
                    .doesNotContain(SessionEvent.Kind.CORRUPT, SessionEvent.Kind.DEGRADED);
            TestBrowser evicted = browsers.get(numbers(browsers).indexOf(null));
            evicted.visit(session -> session.set(NUMBER, 7));
            assertThat(evicted.<Integer>request(session -> session.get(NUMBER))).isEqualTo(7);
        } finally {
            memcached.stop();
        }
    }

    /** As many sessions, each with its number and so many bytes. */
    private static List<TestBrowser> numbered(SessionManager sessions, int count, int bytes) {
        return IntStream.range(0, count)
                .mapToObj(number -> TestBrowser.withSession(sessions, session -> {
                    session.set(NUMBER, number);
                    session.set(LOAD, new byte[bytes]);
                }))
                .toList();
    }

    private static int ours(ThreeMemcacheds memcached, int server) {
        return (int) memcached.servers.get(server).keys().stream()
                .filter(key -> key.startsWith("cc:"))
                .count();
    }

    /** Of each session its own number, or null where it is absent. */
    private static List<Integer> numbers(List<TestBrowser> browsers) {
        List<Integer> numbers = new ArrayList<>();
        for (TestBrowser browser : browsers) {
            Integer number = browser.<Integer>request(session -> session.get(NUMBER));
            assertThat(number).isIn(null, numbers.size());
            numbers.add(number);
        }
        return numbers;
    }
}
