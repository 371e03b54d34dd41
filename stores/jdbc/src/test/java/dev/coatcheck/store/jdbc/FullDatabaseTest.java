package dev.coatcheck.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.test.SampleValue;
import dev.coatcheck.test.SmallDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Databases that have no room left refuse what needs some, for certain, and serve the rest. */
class FullDatabaseTest {
    private static final Duration LEASE = Duration.ofMinutes(20);
    private static final int BYTES = 2_500;
    private static final int LARGER = 6_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<SessionEvent.Kind> reported = new CopyOnWriteArrayList<>();

    private JdbcSessionStore open(String url) {
        JdbcSessionStore store = JdbcSessionStore.open(url + "&coatcheck.timeout=20s");
        store.report((kind, key) -> reported.add(kind));
        return store;
    }

    private static Version create(JdbcSessionStore store, Key key) {
        return Objects.requireNonNull(
                store.create(key, SampleValue.live(1, BYTES), LEASE).version());
    }

    private static void isRefused(ThrowingCallable write, String error) {
        assertThatThrownBy(write)
                .isInstanceOf(SessionUnavailableException.class)
                .hasMessageContaining(error);
    }

    private void refusesWritesAndServesReads(JdbcSessionStore store, Key key, Version seen, String error) {
        Key another = SampleValue.key();
        isRefused(() -> store.create(another, SampleValue.live(1, LARGER), LEASE), error);
        isRefused(() -> store.replace(key, SampleValue.live(2, LARGER), seen, LEASE), error);
        assertThat(reported).contains(SessionEvent.Kind.DEGRADED);
        assertThat(store.load(another, LEASE)).isEmpty();
        assertThat(store.load(key, LEASE).orElseThrow().version()).isEqualTo(seen);
        assertThat(store.load(key, LEASE).orElseThrow().value()).hasSizeGreaterThan(BYTES);
    }

    @Test
    void onPostgres() {
        try (SmallDatabase database = SmallDatabase.postgres()) {
            refusesWhatNeedsRoom(database, "53100");
        }
    }

    @Test
    void onMariaDb() {
        try (SmallDatabase database = SmallDatabase.mariaDb()) {
            refusesWhatNeedsRoom(database, "1114");
        }
    }

    private void refusesWhatNeedsRoom(SmallDatabase database, String error) {
        try (JdbcSessionStore store = open(database.url())) {
            Key key = SampleValue.key();
            Version seen = create(store, key);
            Key leaving = SampleValue.key();
            create(store, leaving);
            database.fill();
            refusesWritesAndServesReads(store, key, seen, error);
            assertThat(store.end(leaving, Instant.now())).isTrue();
            assertThat(store.load(leaving, LEASE)).isEmpty();
            database.makeRoom();
            await().atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(SessionUnavailableException.class)
                    .until(() -> store.replace(key, SampleValue.live(2, LARGER), seen, LEASE)
                                    .outcome()
                            == Outcome.STORED);
            create(store, SampleValue.key());
        }
    }
}
