package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Wrong settings stop the start, all at once and by name. */
class SettingsTest {

    private static String refused(SessionManager.Builder builder) {
        AtomicReference<String> message = new AtomicReference<>();
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(thrown -> message.set(thrown.getMessage()));
        return message.get();
    }

    @Test
    void everyFaultIsReportedAtOnceByNameValueAndWhatIsAccepted() {
        String message = refused(SessionManager.builder()
                .application("my app\n")
                .absoluteLifetime(Duration.ofDays(401))
                .idleTimeout(Duration.ofMillis(5))
                .remembered(Duration.ofDays(500), Duration.ZERO)
                .maxBytes(10)
                .cookieName("S ID")
                .cookieDomain("127.0.0.1")
                .cookiePath("/a;b")
                .origins("nonsense")
                .type("x", Object.class)
                .store("carrier-pigeon:coop")
                .acceptUnsignedUntil(Instant.EPOCH));
        assertThat(message)
                .contains(
                        "application",
                        "my app\\",
                        "absoluteLifetime",
                        "PT9624H",
                        "400 days",
                        "idleTimeout",
                        "PT0.005S",
                        "remembered idle",
                        "remembered lifetime",
                        "maxBytes",
                        "1024",
                        "cookieName",
                        "S ID",
                        "cookieDomain",
                        "127.0.0.1",
                        "cookiePath",
                        "/a;b",
                        "origins",
                        "nonsense",
                        "java.lang.Object",
                        "carrier-pigeon",
                        "embedded",
                        "acceptUnsignedUntil");
        assertThat(message.lines().count()).isGreaterThanOrEqualTo(13);
    }

    @Test
    void settingsThatContradictEachOtherAreRefused() {
        assertThat(refused(SessionManager.builder()
                        .keyRing(KeyRing.parse(KeyRing.generate()))
                        .withoutKeyRing()))
                .contains("withoutKeyRing");
        try (EmbeddedSessionStore store = new EmbeddedSessionStore()) {
            assertThat(refused(SessionManager.builder().store(store).store("embedded:")))
                    .contains("store");
            store.load(SessionStore.Key.of("A".repeat(32)), Duration.ofSeconds(1));
        }
    }

    @Test
    void aStoreUrlIsRefusedWithTheSchemesThatAreKnownAndWithoutItsSecrets() {
        for (String url : new String[] {"memcached", "", "redis://user:password@host", "Embedded://x"}) {
            assertThatThrownBy(() -> SessionStore.open(url))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("embedded")
                    .hasMessageNotContaining("password");
        }
        SessionStore.open("EMBEDDED:").close();
    }

    @Test
    void theEmbeddedStoresUrlTakesASizeAndNothingElse() {
        SessionStore.open("embedded:?maxBytes=1048576").close();
        for (String url : new String[] {
            "embedded:?maxBytes=1", "embedded:?maxBytes=-1", "embedded:?maxBytes=x", "embedded:?size=1", "embedded:disk"
        }) {
            assertThatThrownBy(() -> SessionStore.open(url)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new EmbeddedSessionStore(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theSizeInTheEmbeddedStoresUrlCounts() {
        assertThat(EmbeddedSessionStore.DEFAULT_MAX_BYTES).isEqualTo(67_108_864);
        assertThat(evicts("embedded:?maxBytes=1048576")).isTrue();
        assertThat(evicts("embedded:?maxBytes=3000000")).isFalse();
        assertThat(evicts("embedded:")).isFalse();
    }

    /** Whether a store has no room for 2 MB. */
    private static boolean evicts(String url) {
        try (SessionStore store = SessionStore.open(url)) {
            for (int i = 0; i < 40; i++) {
                store.create(SessionStore.Key.of(String.format("%032d", i)), new byte[50_000], Duration.ofHours(1));
            }
            return store.mayForget();
        }
    }

    @Test
    void byUrlEachManagerHasAnEmbeddedStoreOfItsOwn() {
        KeyRing ring = KeyRing.parse(KeyRing.generate());
        SessionKey<Integer> x = SessionKey.of("x", Integer.class);
        try (SessionManager one = SessionManager.builder()
                        .store("embedded:")
                        .keyRing(ring)
                        .build();
                SessionManager two = SessionManager.builder()
                        .store("embedded:")
                        .keyRing(ring)
                        .build()) {
            Visitor here = new Visitor(one);
            Visitor there = new Visitor(two);
            here.visit(session -> session.set(x, 1));
            there.cookie = here.cookie;
            assertThat(here.<Integer>ask(session -> session.get(x))).isEqualTo(1);
            assertThat(there.<Integer>ask(session -> session.get(x))).isNull();
        }
    }

    @Test
    void aManagerClosesTheStoreThatItOpenedAndNoOther() {
        SessionStore.Key key = SessionStore.Key.of("A".repeat(32));
        try (EmbeddedSessionStore given = new EmbeddedSessionStore()) {
            SessionManager.builder().store(given).build().close();
            assertThat(given.load(key, Duration.ofSeconds(1))).isEmpty();
        }
        SessionManager own = SessionManager.builder().store("embedded:").build();
        own.close();
        FakeExchange exchange = new FakeExchange();
        Session session = own.current(exchange);
        session.set(SessionKey.of("x", Integer.class), 1);
        assertThatThrownBy(session::commit).isInstanceOf(SessionUnavailableException.class);
    }

    @Test
    void theEmbeddedStoreThrowsTheOldestOutForLackOfRoomAndSaysSo() {
        try (EmbeddedSessionStore store = new EmbeddedSessionStore(1 << 20)) {
            AtomicReference<SessionEvent.Kind> told = new AtomicReference<>();
            store.report((kind, key) -> told.set(kind));
            for (int i = 0; i < 100; i++) {
                store.create(SessionStore.Key.of(String.format("%032d", i)), new byte[50_000], Duration.ofHours(1));
            }
            assertThat(told.get()).isEqualTo(SessionEvent.Kind.EVICTED);
        }
    }

    @Test
    void aStoreThatLeavesTheProcessNeedsAKeyRingAndTheErrorHasAFreshOneThatWorks() {
        String message = refused(SessionManager.builder().store("spied:"));
        assertThat(message).contains("keyRing", "COATCHECK_KEYS");
        String ring = message.substring(message.lastIndexOf(' ') + 1).strip();
        try (SessionManager sessions = SessionManager.builder()
                .store("spied:")
                .keyRing(KeyRing.parse(ring))
                .build()) {
            assertThat(sessions.stats().created()).isZero();
        }
        assertThat(refused(SessionManager.builder().store("spied:"))).doesNotContain(ring);
        SessionManager.builder().store("spied:").withoutKeyRing().build().close();
    }

    @Test
    void aStoreThatWasOpenedByUrlIsClosedOnFaultsAndOneThatWasGivenIsNot() {
        int before = SpiedStores.closed();
        assertThat(refused(SessionManager.builder().store("spied:").maxBytes(1)))
                .contains("maxBytes", "keyRing");
        assertThat(SpiedStores.closed()).isEqualTo(before + 1);
        try (SessionStore given = SessionStore.open("spied:")) {
            refused(SessionManager.builder().store(given));
            assertThat(SpiedStores.closed()).isEqualTo(before + 1);
        }
    }

    @Test
    void timesAtBothEndsOfTheirScalesAreTakenOrRefusedByName() {
        String message = refused(SessionManager.builder()
                .idleTimeout(Duration.ofSeconds(Long.MAX_VALUE))
                .absoluteLifetime(Duration.ofSeconds(Long.MIN_VALUE))
                .remembered(Duration.ofNanos(1), Duration.ofSeconds(Long.MAX_VALUE)));
        assertThat(message).contains("idleTimeout", "absoluteLifetime", "remembered idle", "remembered lifetime");
        SessionManager.builder()
                .idleTimeout(Duration.ofSeconds(Long.MIN_VALUE))
                .remembered(Duration.ofDays(-1), Duration.ofDays(400))
                .absoluteLifetime(Duration.ofSeconds(1))
                .build()
                .close();
    }

    @Test
    void aBuilderMayBuildTwiceAndWhatIsChangedInBetweenReachesTheSecondAlone() {
        AtomicReference<SessionEvent> told = new AtomicReference<>();
        SessionManager.Builder builder = SessionManager.builder();
        try (SessionManager first = builder.build();
                SessionManager second = builder.listener(told::set).build()) {
            new Visitor(first).visit(session -> session.set(SessionKey.of("x", Integer.class), 1));
            assertThat(told.get()).isNull();
            new Visitor(second).visit(session -> session.set(SessionKey.of("x", Integer.class), 1));
            assertThat(told.get().kind()).isEqualTo(SessionEvent.Kind.CREATED);
        }
    }

    // The embedded store

    private static SessionStore.Key key(int number) {
        return SessionStore.Key.of(String.format("%032d", number));
    }

    @Test
    void theEmbeddedStoreIsBoundedByBytesAndKeepsWhatIsInUse() {
        try (EmbeddedSessionStore store = new EmbeddedSessionStore(1 << 20)) {
            AtomicInteger evicted = new AtomicInteger();
            store.report((kind, key) -> evicted.incrementAndGet());
            store.create(key(0), new byte[10_000], Duration.ofHours(1));
            for (int i = 1; i < 1_000; i++) {
                store.load(key(0), Duration.ofHours(1));
                store.create(key(i), new byte[10_000], Duration.ofHours(1));
            }
            int kept = 0;
            for (int i = 0; i < 1_000; i++) {
                kept += store.load(key(i), Duration.ofHours(1)).isPresent() ? 1 : 0;
            }
            assertThat(kept).isBetween(50, (1 << 20) / 10_256);
            assertThat(evicted).hasValue(1_000 - kept);
            assertThat(store.load(key(0), Duration.ofHours(1))).isPresent();
        }
    }

    @Test
    void anExpiredOrEndedValueIsNoEviction() {
        MovableClock clock = new MovableClock();
        try (EmbeddedSessionStore store = new EmbeddedSessionStore(1 << 20, clock)) {
            AtomicInteger evicted = new AtomicInteger();
            store.report((kind, key) -> evicted.incrementAndGet());
            store.create(key(1), new byte[100], Duration.ofSeconds(5));
            store.create(key(2), new byte[100], Duration.ofSeconds(5));
            store.end(key(2), Instant.MAX);
            clock.forward(Duration.ofSeconds(5));
            assertThat(store.load(key(1), Duration.ofSeconds(5))).isEmpty();
            assertThat(store.load(key(2), Duration.ofSeconds(5))).isEmpty();
            assertThat(evicted).hasValue(0);
        }
    }

    @Test
    void aClosedEmbeddedStoreIsAwayAndNotEmpty() {
        EmbeddedSessionStore store = new EmbeddedSessionStore();
        SessionStore.Version version =
                store.create(key(1), new byte[1], Duration.ofHours(1)).version();
        store.close();
        store.close();
        assertThatThrownBy(() -> store.load(key(1), Duration.ofHours(1)))
                .isInstanceOf(SessionUnavailableException.class);
        assertThatThrownBy(() -> store.create(key(2), new byte[1], Duration.ofHours(1)))
                .isInstanceOf(SessionUnavailableException.class);
        assertThatThrownBy(() -> store.replace(key(1), new byte[1], version, Duration.ofHours(1)))
                .isInstanceOf(SessionUnavailableException.class);
        assertThatThrownBy(() -> store.end(key(1), Instant.MAX)).isInstanceOf(SessionUnavailableException.class);
    }
}
