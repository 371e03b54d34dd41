package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.TieredSessionStore;
import dev.coatcheck.store.appengine.LocalServices;
import dev.coatcheck.test.TestBrowser;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** URLs of two tiers that are none: refused in a line that names no password, with nothing left open. */
class TieredUrlTest {
    private static OneMemcached memcached;
    private static String cache;
    private static String durable;

    @BeforeAll
    static void start() {
        memcached = new OneMemcached();
        cache = "memcached://" + memcached.server.address() + "?timeout=5s";
        durable = "jdbc:h2:mem:urls;PASSWORD=canary";
    }

    @AfterAll
    static void stop() {
        memcached.stop();
    }

    private static Set<Thread> ours() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("coatcheck"))
                .collect(Collectors.toSet());
    }

    private static void isRefused(String url, String... reasons) {
        Set<Thread> before = ours();
        assertThatThrownBy(() -> SessionStore.open(url).close())
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(refusal -> assertThat(refusal.getMessage())
                        .as(url)
                        .contains(reasons)
                        .doesNotContain("canary")
                        .doesNotContain("\n"));
        Awaitility.await().untilAsserted(() -> assertThat(ours()).isSubsetOf(before));
    }

    @Test
    void whatAreNotTwoTiersIsRefused() {
        for (String url : List.of(
                "tiered:",
                "tiered:+",
                "tiered:" + cache,
                "tiered:" + durable,
                "tiered:" + cache + "+",
                "tiered:+" + durable,
                "tiered:" + cache + "+tiered:" + cache + "+" + durable,
                "tiered:tiered:" + cache + "+" + durable)) {
            isRefused(url, "tiered:");
        }
    }

    @Test
    void twoCopiesInFrontOfADatabaseAreRefused() {
        String address = cache.replaceFirst("memcached://", "").replaceFirst("\\?.*", "");
        String two = "memcached://a=" + address + ",b=localhost:1?copies=2";
        isRefused("tiered:" + two + "+" + durable, "copies=2");
    }

    @Test
    void theFirstTierIsACacheAndTheSecondIsDurable() {
        isRefused("tiered:" + durable + "+" + cache, "first of two tiers is a cache");
        isRefused("tiered:embedded:+" + durable, "first of two tiers is a cache", "Embedded");
        isRefused("tiered:" + cache + "+embedded:", "second of two tiers is a durable store", "Embedded");
        isRefused("tiered:" + cache + "+" + cache, "second of two tiers is a durable store");
    }

    @Test
    void aTierThatIsNoneIsNamedByItsScheme() {
        isRefused("tiered:redis://:canary@r1+" + durable, "'redis'");
        isRefused("tiered:" + cache + "+mongo://user:canary@m1", "'mongo'");
        isRefused("tiered:" + cache + "&nonsense=1+" + durable, "nonsense");
        isRefused("tiered:" + cache + "+" + durable + ";coatcheck.nonsense=1", "nonsense");
    }

    @Test
    void aWrongWindowIsNamed() {
        for (String window : List.of("0s", "99ms", "61s", "2m", "2", "-1s", "99999s", "1s1")) {
            isRefused("tiered:writeBehind=" + window + "," + cache + "+" + durable, "100 ms to 1 minute");
        }
        isRefused("tiered:writeBehind=2s" + cache + "+" + durable, "writeBehind");
        isRefused("tiered:writeBehind=2s," + cache, "tiered:");
    }

    /** App Engine's: there nothing could hand over what waits between two requests. */
    @Test
    void nothingWaitsForOrBehindAStoreThatRequestsAloneMayAsk() {
        String behind = "tiered:writeBehind=2s,";
        for (String tiers : List.of(
                "appengine:memcache+appengine:datastore",
                "appengine:memcache+" + durable,
                cache + "+appengine:datastore")) {
            isRefused(behind + tiers, "writeBehind", "threads of requests");
        }
    }

    @Test
    void aWrongBoundOfWhatWaitsIsNamed() {
        String behind = "tiered:writeBehind=2s,";
        isRefused(behind + "waitingSessions=0," + cache + "+" + durable, "1 to 1,000,000");
        isRefused(behind + "waitingBytes=1023," + cache + "+" + durable, "1,024 to 10,737,418,240");
        isRefused(behind + "waitingAge=1s," + cache + "+" + durable, "from the window to 1 day");
        isRefused("tiered:waitingAge=1m," + cache + "+" + durable, "writeBehind");
    }

    @Test
    void rightOnesOpen() {
        for (String url : List.of(
                "tiered:" + cache + "+" + durable,
                "TIERED:" + cache + "+" + durable,
                "tiered:writeBehind=100ms," + cache + "+" + durable,
                "tiered:writeBehind=60s," + cache + "+" + durable,
                "tiered:writeBehind=1m,waitingSessions=1000000,waitingBytes=10737418240,waitingAge=1d," + cache + "+"
                        + durable)) {
            try (SessionStore store = SessionStore.open(url)) {
                assertThat(store).isInstanceOf(TieredSessionStore.class);
                assertThat(store.toString()).contains("Memcached", "Jdbc").doesNotContain("canary");
                assertThat(store.leavesProcess()).isTrue();
                assertThat(store.needsSweep()).isTrue();
                assertThat(store.mayForget()).isFalse();
            }
        }
    }

    @Test
    void appEnginesStoresStandInFrontOfOthersAndBehindThem() {
        SessionKey<Integer> hits = SessionKey.of("hits", Integer.class);
        for (String url : List.of(
                "tiered:appengine:memcache?timeout=20s+jdbc:h2:mem:behind;coatcheck.timeout=20s",
                "tiered:" + cache + "+appengine:datastore?timeout=20s")) {
            try (LocalServices services = LocalServices.start(Clock.systemUTC());
                    SessionStore store = SessionStore.open(url);
                    SessionManager manager = SessionManager.builder()
                            .store(store)
                            .keyRing(KeyRing.parse(KeyRing.generate()))
                            .build()) {
                TestBrowser browser = TestBrowser.withSession(manager, session -> session.set(hits, 1));
                browser.visit(session -> session.set(hits, 2));
                services.forgetMemcache();
                memcached.server.flush();
                assertThat(browser.<Integer>request(session -> session.get(hits)))
                        .as(url)
                        .isEqualTo(2);
                assertThat(browser.<Boolean>request(Session::logout)).isTrue();
            }
        }
    }

    @Test
    void sessionsLargerThanOneTierTakesAreRefusedAtTheStart() {
        String small = cache + "&maxValueBytes=5000";
        String smallDurable = durable + ";coatcheck.maxValueBytes=4000";
        for (String url : List.of(
                "tiered:" + small + "+" + durable,
                "tiered:" + cache + "+" + smallDurable,
                "tiered:" + small + "+" + smallDurable)) {
            int limit = url.contains("4000") ? 4_000 : 5_000;
            try (SessionStore store = SessionStore.open(url)) {
                SessionManager.Builder builder =
                        SessionManager.builder().store(store).keyRing(KeyRing.parse(KeyRing.generate()));
                assertThat(store.maxValueBytes()).isEqualTo(limit);
                assertThatThrownBy(() -> builder.maxBytes(limit + 1).build())
                        .hasMessageContaining("maxBytes = " + (limit + 1))
                        .hasMessageContaining(limit + " bytes");
                builder.maxBytes(limit).build().close();
            }
        }
    }
}
