package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.test.FaultyStore.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FaultyStoreTest {
    private static final Duration LEASE = Duration.ofMinutes(20);
    private static final Instant UNTIL = Instant.parse("2100-01-01T00:00:00Z");

    private final FaultyStore store = new FaultyStore(new EmbeddedSessionStore());
    private final Key key = SampleValue.key();

    private static byte[] value(int version, String body) {
        return SampleValue.live(version, body, UNTIL);
    }

    private Version create() {
        Version version = store.create(key, value(1, "first"), LEASE).version();
        assertThat(version).isNotNull();
        return version;
    }

    private String body() {
        return store.load(key, LEASE)
                .map(found -> SampleValue.body(found.value()))
                .orElse("nothing");
    }

    private Outcome replace(Version seen) {
        return store.replace(key, value(2, "second"), seen, LEASE).outcome();
    }

    @Test
    void awayMeansEveryCallFailsUntilHealed() {
        Version seen = create();
        store.always(Fault.FAIL);
        assertThatThrownBy(this::body).isInstanceOf(SessionUnavailableException.class);
        assertThatThrownBy(() -> store.loadFresh(key, LEASE)).isInstanceOf(SessionUnavailableException.class);
        assertThatThrownBy(() -> replace(seen)).isInstanceOf(SessionUnavailableException.class);
        assertThatThrownBy(() -> store.create(SampleValue.key(), value(1, "x"), LEASE))
                .isInstanceOf(SessionUnavailableException.class);
        assertThat(store.end(key, UNTIL)).isFalse();
        assertThat(store.heal().load(key, LEASE)).isPresent();
        assertThat(body()).isEqualTo("first");
    }

    @Test
    void aFaultHitsTheCallItWasPlannedFor() {
        Version seen = create();
        store.nth(StoreVerb.REPLACE, 3, Fault.FAIL);
        store.next(StoreVerb.REPLACE, Fault.CONFLICT);
        assertThat(replace(seen)).as("1").isEqualTo(Outcome.STORED);
        assertThat(replace(seen)).as("2, really too old").isEqualTo(Outcome.CONFLICT);
        assertThatThrownBy(() -> replace(seen)).as("3").isInstanceOf(SessionUnavailableException.class);
        Version now = store.load(key, LEASE).orElseThrow().version();
        assertThat(replace(now)).as("4, behind the planned one").isEqualTo(Outcome.CONFLICT);
        assertThat(replace(now)).as("5").isEqualTo(Outcome.STORED);
    }

    @Test
    void conflictsCanBeRepeated() {
        Version seen = create();
        store.next(StoreVerb.REPLACE, 2, Fault.CONFLICT);
        assertThat(replace(seen)).isEqualTo(Outcome.CONFLICT);
        assertThat(replace(seen)).isEqualTo(Outcome.CONFLICT);
        assertThat(replace(seen)).isEqualTo(Outcome.STORED);
    }

    @Test
    void anUnknownWriteHasHappenedOrNotOrComesLate() {
        Version seen = create();
        store.next(StoreVerb.REPLACE, Fault.UNKNOWN_DROPPED);
        assertThat(replace(seen)).isEqualTo(Outcome.UNKNOWN);
        store.release();
        assertThat(body()).isEqualTo("first");
        store.next(StoreVerb.REPLACE, Fault.UNKNOWN_LATE);
        assertThat(replace(seen)).isEqualTo(Outcome.UNKNOWN);
        assertThat(body()).isEqualTo("first");
        store.release();
        assertThat(body()).isEqualTo("second");
        Key other = SampleValue.key();
        store.next(StoreVerb.CREATE, Fault.UNKNOWN_APPLIED);
        assertThat(store.create(other, value(1, "x"), LEASE).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(store.load(other, LEASE)).isPresent();
    }

    @Test
    void aLateWriteMeetsWhatIsThereByThen() {
        Version seen = create();
        store.next(StoreVerb.REPLACE, Fault.UNKNOWN_LATE);
        replace(seen);
        store.end(key, UNTIL);
        store.release();
        assertThat(body()).isEqualTo("nothing");
    }

    @Test
    void anEndCanStayUnconfirmed() {
        create();
        store.next(StoreVerb.END, Fault.UNKNOWN_DROPPED);
        assertThat(store.end(key, UNTIL)).isFalse();
        assertThat(body()).isEqualTo("first");
        store.next(StoreVerb.END, Fault.UNKNOWN_LATE);
        assertThat(store.end(key, UNTIL)).isFalse();
        assertThat(body()).isEqualTo("first");
        store.release();
        assertThat(body()).isEqualTo("nothing");
    }

    @Test
    void keysCanBeTakenAndValuesLost() {
        store.next(StoreVerb.CREATE, Fault.EXISTS);
        assertThat(store.create(key, value(1, "x"), LEASE).outcome()).isEqualTo(Outcome.EXISTS);
        Version seen = create();
        store.next(StoreVerb.LOAD, Fault.ABSENT).next(StoreVerb.REPLACE, Fault.ABSENT);
        assertThat(body()).isEqualTo("nothing");
        assertThat(replace(seen)).isEqualTo(Outcome.GONE);
        assertThat(body()).isEqualTo("first");
        store.next(StoreVerb.LOAD, Fault.LOST);
        assertThatThrownBy(this::body)
                .isInstanceOfSatisfying(
                        SessionUnavailableException.class,
                        thrown -> assertThat(thrown.lost()).isTrue());
        assertThat(store.keys()).containsExactly(key);
        store.forgetAll();
        assertThat(body()).isEqualTo("nothing");
        assertThat(store.keys()).isEmpty();
    }

    @Test
    void aStalledCallGoesOnWhenReleased() throws Exception {
        create();
        store.next(StoreVerb.LOAD, Fault.STALL);
        CompletableFuture<String> slow = CompletableFuture.supplyAsync(this::body);
        store.awaitStalled(1);
        assertThat(body()).as("a fast one passes").isEqualTo("first");
        assertThat(slow).isNotDone();
        store.release();
        assertThat(slow.get(30, TimeUnit.SECONDS)).isEqualTo("first");
    }

    @Test
    void loadedValuesCanBeTamperedWith() {
        create();
        store.tamper(value -> new byte[] {1});
        assertThat(store.load(key, LEASE).map(Stored::value)).contains(new byte[] {1});
        assertThat(store.heal().load(key, LEASE).map(found -> found.value().length))
                .isEqualTo(Optional.of(85));
    }

    @Test
    void whatTheStoreSaysOfItselfCanBeSet() {
        assertThat(store.leavesProcess()).isFalse();
        assertThat(store.settled()).isTrue();
        assertThat(store.leavesProcess(true).leavesProcess()).isTrue();
        assertThat(store.settled(false).settled()).isFalse();
    }

    @Test
    void aFaultThatAVerbCannotHaveIsAMistake() {
        assertThatThrownBy(() -> store.next(StoreVerb.LOAD, Fault.EXISTS)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.always(Fault.CONFLICT)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.nth(StoreVerb.LOAD, 0, Fault.FAIL)).isInstanceOf(IllegalArgumentException.class);
    }
}
