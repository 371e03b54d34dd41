package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
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
}
