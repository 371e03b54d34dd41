package dev.coatcheck.store.appengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.appengine.api.NamespaceManager;
import com.google.appengine.api.datastore.DatastoreServiceFactory;
import com.google.appengine.api.datastore.FetchOptions;
import com.google.appengine.api.datastore.Query;
import com.google.appengine.api.memcache.MemcacheServiceFactory;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.TieredSessionStore;
import dev.coatcheck.store.appengine.LocalServices.Fault;
import dev.coatcheck.test.SampleValue;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a URL opens, and every wrong one: a message that names what is wrong and what is accepted. */
class AppEngineUrlTest extends ServiceTest {
    private static final String HUNDRED =
            "x123456789x123456789x123456789x123456789x123456789x123456789x123456789x123456789x123456789x123456789";

    @Test
    void aUrlNamesOneStoreOrBoth() {
        try (SessionStore both = SessionStore.open("appengine:");
                SessionStore memcache = SessionStore.open("AppEngine:memcache");
                SessionStore datastore = SessionStore.open("appengine:datastore")) {
            assertThat(both).isInstanceOfSatisfying(TieredSessionStore.class, tiers -> {
                assertThat(tiers.cache()).isInstanceOf(AppEngineSessionStore.class);
                assertThat(tiers.durable()).isInstanceOf(DatastoreSessionStore.class);
            });
            assertThat(memcache).isInstanceOf(AppEngineSessionStore.class);
            assertThat(datastore).isInstanceOf(DatastoreSessionStore.class);
            assertThat(both.needsRequestThread()).isTrue();
            assertThat(both.leavesProcess()).isTrue();
        }
    }

    @Test
    void oneOfThemMayStandInFrontOfAnother() {
        try (SessionStore store =
                SessionStore.open("tiered:appengine:memcache?timeout=1s+appengine:datastore?kind=Visit")) {
            assertThat(store).isInstanceOf(TieredSessionStore.class);
        }
    }

    @Test
    void everyOptionIsUsed() {
        try (SessionStore store =
                SessionStore.open("appengine:?timeout=20s&datastoreTimeout=30s&namespace=visits&kind=Visit")) {
            store.create(key, SampleValue.live(1), LEASE);
            assertThat(MemcacheServiceFactory.getMemcacheService("visits").contains(name(key)))
                    .isTrue();
            NamespaceManager.set("visits");
            assertThat(DatastoreServiceFactory.getDatastoreService()
                            .prepare(new Query("Visit"))
                            .countEntities(FetchOptions.Builder.withDefaults()))
                    .isEqualTo(1);
        }
    }

    @Test
    void eachStoreWaitsAsLongAsItsOptionSays() {
        try (SessionStore store = SessionStore.open("appengine:?timeout=20s&datastoreTimeout=40s")) {
            services.next("memcache.Get", Fault.LATE);
            services.next("datastore_v3.Get", Fault.LATE);
            assertThatThrownBy(() -> store.load(key, LEASE)).isInstanceOf(SessionUnavailableException.class);
            assertThat(services.waits()).hasSize(2);
            assertThat(services.waits().get(0)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(20));
            assertThat(services.waits().get(1)).isBetween(Duration.ofSeconds(21), Duration.ofSeconds(40));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "appengine:?timeout=10ms&datastoreTimeout=60s",
                "appengine:datastore?timeout=60s",
                "appengine:memcache?namespace=" + HUNDRED,
                "appengine:datastore?kind=" + HUNDRED
            })
    void theBoundsAreAccepted(String url) {
        SessionStore.open(url).close();
    }

    @Test
    void beyondThemNothingIsWhicheverWayTheStoreIsMade() {
        Duration second = Duration.ofSeconds(1);
        for (String url :
                List.of("appengine:memcache?namespace=" + HUNDRED + "x", "appengine:?kind=" + HUNDRED + "x")) {
            assertThatIllegalArgumentException().isThrownBy(() -> SessionStore.open(url));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AppEngineSessionStore(Duration.ofMillis(9), "", clock))
                .withMessageContaining("timeout");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AppEngineSessionStore(second, "a/b", clock))
                .withMessageContaining("namespace");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DatastoreSessionStore(Duration.ofSeconds(61), "", "Visit", clock))
                .withMessageContaining("timeout");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DatastoreSessionStore(second, "a/b", "Visit", clock))
                .withMessageContaining("namespace");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DatastoreSessionStore(second, "", "1x", clock))
                .withMessageContaining("kind");
    }

    @Test
    void theTimeoutIsThatOfTheStoreInFront() {
        AppEngineUrl both = AppEngineUrl.parse("appengine:?timeout=1s&datastoreTimeout=3s");
        assertThat(both.memcacheTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(both.datastoreTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(AppEngineUrl.parse("appengine:memcache?timeout=1s").memcacheTimeout())
                .isEqualTo(Duration.ofSeconds(1));
        assertThat(AppEngineUrl.parse("appengine:datastore?timeout=1s").datastoreTimeout())
                .isEqualTo(Duration.ofSeconds(1));
        AppEngineUrl plain = AppEngineUrl.parse("appengine:");
        assertThat(plain.memcacheTimeout()).isEqualTo(Duration.ofMillis(250));
        assertThat(plain.datastoreTimeout()).isEqualTo(Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "appengine:memcached | appengine:memcached: accepted are",
                "appengine://memcache | appengine://memcache: accepted are",
                "appengine:?size=1 | option 'size': accepted are, each with =value, datastoreTimeout, kind, namespace, timeout",
                "appengine:memcache?kind=X | option 'kind': accepted are, each with =value, namespace, timeout",
                "appengine:datastore?datastoreTimeout=1s | option 'datastoreTimeout'",
                "appengine:? | option ''",
                "appengine:?timeout | option 'timeout'",
                "appengine:?timeout=1s&timeout=1s | option 'timeout': it is there twice",
                "appengine:?timeout=1 | timeout = 1: milliseconds or seconds",
                "appengine:?timeout=9ms | timeout = PT0.009S: 10 ms to 60 s",
                "appengine:datastore?timeout=61s | timeout = PT1M1S: 10 ms to 60 s",
                "appengine:?namespace=a/b | namespace = a/b: up to 100 letters",
                "appengine:?kind=1x | kind = 1x: a letter",
                "appengine:?kind=__x__ | kind = __x__: a letter"
            })
    void aWrongUrlIsRefusedWithWhatIsAccepted(String url, String message) {
        assertThatThrownBy(() -> SessionStore.open(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void whatIsShownBreaksNoLine() {
        assertThatThrownBy(() -> SessionStore.open("appengine:a\nb" + "c".repeat(200)))
                .message()
                .doesNotContain("\n")
                .doesNotContain("c".repeat(100));
    }
}
