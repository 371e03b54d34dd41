package dev.coatcheck.store.appengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.StoreHealth;
import dev.coatcheck.StoreHealth.Trouble;
import dev.coatcheck.store.appengine.LocalServices.Fault;
import dev.coatcheck.test.SampleValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** memcache fails: nothing that is there is said to be absent, and nothing that may have happened is said not to have. */
class MemcacheFaultsTest extends ServiceTest {

    private void assertUnavailable(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(SessionUnavailableException.class)
                .hasMessageContaining("memcache")
                .message()
                .doesNotContain(key.text());
    }

    /** What the service's client would have said. */
    @Test
    void anOutageIsNoAbsenceAsItIsToALenientClient() {
        Version seen = create(memcache);
        services.next("memcache.Get", Fault.FAILED);
        assertThat(others().get(name(key))).as("a lenient client").isNull();
        services.next("memcache.Get", Fault.FAILED);
        assertUnavailable(() -> memcache.load(key, LEASE));
        services.next("memcache.Get", Fault.FAILED);
        assertUnavailable(() -> memcache.claim(key, LEASE));
        assertThat(memcache.replace(key, SampleValue.live(2), seen, LEASE).outcome())
                .isEqualTo(Outcome.STORED);

        services.next("memcache.Delete", Fault.FAILED);
        assertThat(others().delete(name(key))).as("a lenient client").isFalse();
        services.next("memcache.Delete", Fault.FAILED, Fault.FAILED);
        assertThat(memcache.end(key, later())).as("not confirmed").isFalse();
        assertThat(memcache.load(key, LEASE)).isPresent();
    }

    @Test
    void aCreateWhoseAnswerIsLostIsUnknown() {
        services.next("memcache.Set", Fault.LOST);
        assertThat(memcache.create(key, SampleValue.live(1), LEASE).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(memcache.load(key, LEASE)).isPresent();
        services.next("memcache.Set", Fault.FAILED);
        assertThat(memcache.create(SampleValue.key(), SampleValue.live(1), LEASE)
                        .outcome())
                .isEqualTo(Outcome.UNKNOWN);
    }

    @Test
    void aReplaceWhoseAnswerIsLostIsUnknown() {
        create(memcache);
        Version seen = load(memcache).version();
        byte[] second = SampleValue.live(2);
        services.next("memcache.Set", Fault.LOST);
        assertThat(memcache.replace(key, second, seen, LEASE).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(load(memcache).value()).isEqualTo(second);
    }

    /** Nothing was sent yet that would store it. */
    @Test
    void aReplaceThatCannotLookAgainIsNotStored() {
        Version seen = create(memcache);
        services.next("memcache.Get", Fault.FAILED);
        assertUnavailable(() -> memcache.replace(key, SampleValue.live(2), seen, LEASE));
        assertThat(load(memcache).version().number()).isEqualTo(1);
    }

    @Test
    void anEndWhoseAnswerIsLostIsConfirmedByTheNextTry() {
        create(memcache);
        services.next("memcache.Delete", Fault.LOST);
        assertThat(memcache.end(key, later())).isTrue();
        assertThat(memcache.load(key, LEASE)).isEmpty();
    }

    @Test
    void anEndOfAVersionWhoseAnswerIsLostIsConfirmedByTheNextTry() {
        create(memcache);
        Version seen = load(memcache).version();
        services.next("memcache.Set", Fault.LOST);
        assertThat(memcache.end(key, seen, later())).isEqualTo(Outcome.GONE);
        assertThat(memcache.load(key, LEASE)).isEmpty();
    }

    @Test
    void anEndOfAVersionThatFailsTwiceIsUnknown() {
        create(memcache);
        Version seen = load(memcache).version();
        services.next("memcache.Set", Fault.FAILED, Fault.FAILED);
        assertThat(memcache.end(key, seen, later())).isEqualTo(Outcome.UNKNOWN);
        assertThat(memcache.load(key, LEASE)).isPresent();
        Version second = stored(memcache.replace(key, SampleValue.live(2), seen, LEASE));
        services.next("memcache.Get", Fault.FAILED);
        assertThat(memcache.end(key, second, later())).as("not even looked at").isEqualTo(Outcome.UNKNOWN);
    }

    @Test
    void aMarkWhoseAnswerIsLostIsConfirmedByTheNextTry() {
        services.next("memcache.Set", Fault.LOST);
        assertThat(memcache.bury(key, later())).isTrue();
        services.next("memcache.Set", Fault.FAILED, Fault.FAILED);
        assertThat(memcache.bury(key, later())).isFalse();
    }

    @Test
    void aServiceThatIsSwitchedOffHasStoredNothing() {
        List<SessionEvent.Kind> told = new ArrayList<>();
        memcache.report((kind, of) -> told.add(kind));
        Version seen = create(memcache);
        services.next("memcache.Set", Fault.DISABLED);
        assertUnavailable(() -> memcache.create(SampleValue.key(), SampleValue.live(1), LEASE));
        assertThat(told).containsExactly(SessionEvent.Kind.DEGRADED);
        services.next("memcache.Set", Fault.DISABLED);
        assertUnavailable(() -> memcache.replace(key, SampleValue.live(2), seen, LEASE));
        services.next("memcache.Set", Fault.DISABLED);
        assertUnavailable(() -> memcache.renew(key, seen, LEASE));
        services.next("memcache.Delete", Fault.DISABLED);
        assertThat(memcache.end(key, later())).isFalse();
        services.next("memcache.Set", Fault.DISABLED);
        assertThat(memcache.end(key, seen, later())).isEqualTo(Outcome.UNKNOWN);
        services.next("memcache.Get", Fault.DISABLED);
        assertUnavailable(() -> memcache.load(key, LEASE));
        assertThat(memcache.health().has(Trouble.REFUSES_WRITES)).isTrue();

        stored(memcache.replace(key, SampleValue.live(2), seen, LEASE));
        assertThat(memcache.health().state()).isEqualTo(StoreHealth.State.UP);
    }

    @Test
    void aServiceThatDoesNotAnswerInTimeLeavesTheFateOfAWriteUnknown() {
        create(memcache);
        Version seen = load(memcache).version();
        services.next("memcache.Get", Fault.LATE);
        assertUnavailable(() -> memcache.load(key, LEASE));
        services.next("memcache.Set", Fault.LATE);
        assertThat(memcache.create(SampleValue.key(), SampleValue.live(1), LEASE)
                        .outcome())
                .isEqualTo(Outcome.UNKNOWN);
        services.next("memcache.Set", Fault.LATE);
        assertThat(memcache.replace(key, SampleValue.live(2), seen, LEASE).outcome())
                .isEqualTo(Outcome.UNKNOWN);
        services.next("memcache.Set", Fault.LATE);
        assertUnavailable(() -> memcache.renew(key, seen, LEASE));
        services.next("memcache.Delete", Fault.LATE, Fault.LATE);
        assertThat(memcache.end(key, later())).isFalse();
        services.next("memcache.Set", Fault.LATE, Fault.LATE);
        assertThat(memcache.end(key, seen, later())).isEqualTo(Outcome.UNKNOWN);
        services.next("memcache.Stats", Fault.LATE);
        assertThat(memcache.health().state()).isEqualTo(StoreHealth.State.DOWN);
    }

    @Test
    void nobodyWaitsLongerThanTheTimeout() {
        AppEngineSessionStore hasty = new AppEngineSessionStore(Duration.ofMillis(10), "", clock);
        services.next("memcache.Get", Fault.SILENCE);
        assertUnavailable(() -> hasty.load(key, LEASE));
        assertThat(services.count(() -> {
                    services.next("memcache.Delete", Fault.SILENCE);
                    assertThat(hasty.end(key, later())).isFalse();
                }))
                .as("no time is left for a second one")
                .isOne();
    }

    @Test
    void aThreadThatAppEngineDoesNotServeStoresNothingAndIsToldSo() {
        Version seen = create(memcache);
        services.onForeignThread(() -> {
            assertThatThrownBy(() -> memcache.load(key, LEASE))
                    .isInstanceOf(SessionUnavailableException.class)
                    .hasMessageContaining("no API environment");
            assertUnavailable(() -> memcache.create(SampleValue.key(), SampleValue.live(1), LEASE));
            assertUnavailable(() -> memcache.replace(key, SampleValue.live(2), seen, LEASE));
            assertThat(memcache.end(key, later())).isFalse();
            assertThat(memcache.end(key, seen, later())).isEqualTo(Outcome.UNKNOWN);
            assertThat(memcache.health().state()).isEqualTo(StoreHealth.State.DOWN);
        });
        assertThat(load(memcache).version().number()).isEqualTo(1);
        assertThat(memcache.needsRequestThread()).isTrue();
        assertThat(memcache.settled()).as("it says nothing of the service").isTrue();
    }

    @Test
    void afterAFailureWhatTheCacheShowsIsToBeProved() {
        create(memcache);
        assertThat(memcache.settled()).isTrue();
        Duration before = memcache.steadyFor(key);
        services.next("memcache.Get", Fault.FAILED);
        long failing = System.nanoTime();
        assertUnavailable(() -> memcache.load(key, LEASE));
        Duration after = memcache.steadyFor(SampleValue.key());
        assertThat(after).isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime() - failing));
        assertThat(memcache.steadyFor(key)).isGreaterThanOrEqualTo(after);
        assertThat(memcache.settled()).isFalse();
        assertThat(before).isPositive();
    }

    @Test
    void anInterruptedThreadIsToldSoAndStaysInterrupted() {
        create(memcache);
        Version seen = load(memcache).version();
        services.next("memcache.Set", Fault.SILENCE);
        Thread.currentThread().interrupt();
        assertThat(memcache.replace(key, SampleValue.live(2), seen, LEASE).outcome())
                .isEqualTo(Outcome.UNKNOWN);
        assertThat(Thread.interrupted()).isTrue();
    }
}
