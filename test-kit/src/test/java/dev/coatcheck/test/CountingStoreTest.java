package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Version;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CountingStoreTest {
    private static final Duration LEASE = Duration.ofMinutes(20);

    private final CountingStore store = new CountingStore(new EmbeddedSessionStore()).keepValues();
    private final Key key = SampleValue.key();

    @Test
    void callsAreCountedByVerb() {
        assertThat(store.counts()).hasToString("nothing");
        Version version = store.create(key, value("a"), LEASE).version();
        assertThat(version).isNotNull();
        store.load(key, LEASE);
        store.loadFresh(key, LEASE);
        store.replace(key, value("bc"), version, LEASE);
        store.end(key, Instant.now());
        assertThat(store.counts()).hasToString("load 1, loadFresh 1, create 1, replace 1, end 1");
        assertThat(store.counts().total()).isEqualTo(5);
        assertThat(store.during(() -> store.load(key, LEASE))).hasToString("load 1");
        assertThat(store.keys()).containsExactly(key);
        assertThat(store.sizes()).containsExactly(81, 82);
        store.reset();
        assertThat(store.counts().total()).isZero();
        assertThat(store.dump()).isEmpty();
    }

    @Test
    void theDumpShowsWhatAReaderOfTheStoreSees() {
        byte[] value = value("something long enough");
        store.create(key, value, LEASE);
        SecretSearch search = new SecretSearch()
                .add("the value", value)
                .add("the key", key.text().getBytes(StandardCharsets.US_ASCII));
        assertThat(store.dump().stream().flatMap(bytes -> search.in("the store", bytes).stream()))
                .containsExactlyInAnyOrder(
                        "the value is in the store, at byte 0", "the key is in the store, at byte 0");
        assertThat(store.toString()).doesNotContain(key.text());
    }

    private static byte[] value(String body) {
        return SampleValue.live(1, body, Instant.now().plus(LEASE));
    }
}
