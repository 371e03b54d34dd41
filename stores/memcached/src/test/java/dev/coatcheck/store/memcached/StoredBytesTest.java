package dev.coatcheck.store.memcached;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.Envelope.Kind;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.test.FaultProxy;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.SampleValue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is sent and what is kept: keys, flags, sizes, other people's items. */
class StoredBytesTest {
    private static final Duration LEASE = Duration.ofMinutes(20);

    private final MemcachedServer server = MemcachedServer.start();
    private final FaultProxy proxy = FaultProxy.before(server);
    private SessionStore store;

    @BeforeEach
    void open() {
        store = MemcachedSessionStore.open("memcached://" + proxy.address() + "?timeout=5s");
        // Two connections that stay, and one for the server's statistics.
        Awaitility.await()
                .until(() -> proxy.requests().stream()
                                .filter("stats settings"::equals)
                                .count()
                        >= 3);
        proxy.resetCounters();
    }

    @AfterEach
    void close() {
        store.close();
        proxy.close();
        server.close();
    }

    private Version create(Key key) {
        return Objects.requireNonNull(
                store.create(key, SampleValue.live(1), LEASE).version());
    }

    @Test
    void eachCallIsOneCommandAndNoMore() {
        Key key = SampleValue.key();
        Version version = create(key);
        store.load(key, LEASE);
        store.loadFresh(key, LEASE);
        store.replace(key, SampleValue.live(2), version, LEASE);
        store.end(key, Instant.now());
        assertThat(proxy.requests())
                .extracting(line -> line.split(" ")[0])
                .containsExactly("ms", "mg", "mg", "ms", "md");
        String name = "cc:" + key.text();
        assertThat(proxy.requests().get(0)).startsWith("ms " + name + " 180 ").contains(" ME", " T1200");
        assertThat(proxy.requests().get(1)).startsWith("mg " + name + " v c f t T1200");
        String replace = proxy.requests().get(3);
        assertThat(replace).containsPattern(" C[0-9]+").doesNotContain(" ME");
        assertThat(Long.parseLong(replace.replaceAll(".* F([0-9]+).*", "$1")) >>> 24)
                .isEqualTo(2);
    }

    @Test
    void keysBeginWithThePrefix() {
        try (SessionStore other =
                MemcachedSessionStore.open("memcached://" + server.address() + "?prefix=another-app.1:")) {
            Key key = SampleValue.key();
            other.create(key, SampleValue.live(1), LEASE);
            assertThat(server.keys()).containsExactly("another-app.1:" + key.text());
            assertThat(store.load(key, LEASE)).isEmpty();
        }
    }

    @Test
    void otherApplicationsItemsAreNeverTouched() {
        byte[] theirs = "theirs".getBytes(StandardCharsets.UTF_8);
        server.put("theirs", theirs, Duration.ofHours(1));
        server.put("cc:theirs", theirs, Duration.ofHours(1));
        Key key = SampleValue.key();
        Version version = create(key);
        store.replace(key, SampleValue.live(2), version, LEASE);
        store.end(key, Instant.now());
        store.end(SampleValue.key(), Instant.now());
        store.close();
        assertThat(server.keys()).containsExactly("cc:theirs", "theirs");
        assertThat(server.get("theirs")).contains(theirs);
    }

    /** A server that refuses an item for its size deletes the old one. */
    @Test
    void whatIsTooLargeIsNeverSentAndTheOldValueStays() {
        Key key = SampleValue.key();
        Version version = create(key);
        proxy.resetCounters();
        byte[] large = SampleValue.live(2, 262_144 - 80 + 1);
        assertThatThrownBy(() -> store.replace(key, large, version, LEASE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("262145", "maxValueBytes");
        assertThatThrownBy(() -> store.create(SampleValue.key(), large, LEASE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(proxy.requests()).isEmpty();
        assertThat(store.load(key, LEASE)).isPresent();
        byte[] largest = SampleValue.live(2, 262_144 - 80);
        assertThat(store.replace(key, largest, version, LEASE).outcome()).isEqualTo(Outcome.STORED);
        assertThat(store.load(key, LEASE).orElseThrow().value()).isEqualTo(largest);
    }

    @Test
    void aLeaseOfNothingIsNeverSent() {
        Key key = SampleValue.key();
        Version version = create(key);
        proxy.resetCounters();
        for (Duration none : List.of(Duration.ZERO, Duration.ofSeconds(-1))) {
            assertThatThrownBy(() -> store.load(key, none)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store.create(SampleValue.key(), SampleValue.live(1), none))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store.replace(key, SampleValue.live(2), version, none))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(proxy.requests()).isEmpty();
    }

    /** Forged flags say that it ends its key; the manager, who has the seal, judges it. */
    @Test
    void flagsThatDoNotFitTheValueAreHandedToTheManager() throws Exception {
        Key key = SampleValue.key();
        byte[] mark = SampleValue.terminal(Kind.MARKER, Instant.now());
        for (byte[] value : List.of(SampleValue.live(1), mark, new byte[0], new byte[200])) {
            for (long flags : new long[] {0xFFF0_0000L, 0xFFFF_FFFFL, 0xFFF8_1234L}) {
                Plant.value(server, "cc:" + key.text(), value, flags);
                SessionStore.Stored found = store.load(key, LEASE).orElseThrow();
                assertThat(found.value()).isEqualTo(value);
            }
        }
    }

    @Test
    void theVersionIsThatOfTheEnvelopeWhateverTheFlagsSay() throws Exception {
        Key key = SampleValue.key();
        Plant.value(server, "cc:" + key.text(), SampleValue.live(7), 9L << 24);
        assertThat(store.load(key, LEASE).orElseThrow().version().number()).isEqualTo(7);
    }

    /** The next reply of a connection that had been of use for a while is cut in the middle. */
    private void cutTheNextReply() {
        long start = System.nanoTime();
        Awaitility.await().until(() -> System.nanoTime() - start > 1_100_000_000L);
        proxy.resetCounters().closeInReply();
    }

    @Test
    void aLoadWhoseReplyWasCutIsAskedForAgain() {
        Key key = SampleValue.key();
        create(key);
        cutTheNextReply();
        assertThat(store.load(key, LEASE)).isPresent();
        assertThat(proxy.heal().happened()).isEqualTo(1);
    }

    @Test
    void anEndWhoseReplyWasCutIsAskedForAgain() {
        Key key = SampleValue.key();
        create(key);
        cutTheNextReply();
        assertThat(store.end(key, Instant.now())).isTrue();
        assertThat(proxy.heal().happened()).isEqualTo(1);
    }

    @Test
    void aWriteWhoseReplyWasCutIsOfUnknownOutcomeAndSentOnce() {
        Key key = SampleValue.key();
        Version version = create(key);
        cutTheNextReply();
        assertThat(store.replace(key, SampleValue.live(2), version, LEASE).outcome())
                .isEqualTo(Outcome.UNKNOWN);
        cutTheNextReply();
        assertThat(store.create(SampleValue.key(), SampleValue.live(1), LEASE).outcome())
                .isEqualTo(Outcome.UNKNOWN);
        assertThat(proxy.requests().stream().filter(line -> line.startsWith("ms ")))
                .hasSize(1);
    }
}
