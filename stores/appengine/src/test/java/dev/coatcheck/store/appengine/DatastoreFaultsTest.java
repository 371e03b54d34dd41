package dev.coatcheck.store.appengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.appengine.api.datastore.DatastoreServiceFactory;
import com.google.appengine.api.datastore.Entity;
import com.google.appengine.api.datastore.Transaction;
import dev.coatcheck.DurableSessionStore.Expired;
import dev.coatcheck.Envelope;
import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.StoreHealth;
import dev.coatcheck.store.appengine.LocalServices.Fault;
import dev.coatcheck.test.SampleValue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Datastore fails: what became of a commit is found out, and what cannot be is said to be unknown. */
class DatastoreFaultsTest extends ServiceTest {
    private static final String COMMIT = "datastore_v3.Commit";

    private void assertUnavailable(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(SessionUnavailableException.class)
                .hasMessageContaining("Datastore")
                .message()
                .doesNotContain(key.text());
    }

    @Test
    void aLostAnswerToACommitIsFoundOutByReadingAgain() {
        services.next(COMMIT, Fault.LOST);
        Version first = create(datastore);
        services.next(COMMIT, Fault.LOST);
        Version second = stored(datastore.replace(key, SampleValue.live(2), first, LEASE));
        services.next(COMMIT, Fault.LOST);
        assertThat(datastore.renew(key, second, LEASE)).isTrue();
        assertThat(load(datastore).version()).isEqualTo(second);
        services.next(COMMIT, Fault.LOST);
        assertThat(datastore.end(key, second, later())).isEqualTo(Outcome.GONE);
        assertThat(datastore.load(key, LEASE)).isEmpty();
    }

    @Test
    void aCommitThatFailedIsTriedAgain() {
        Version first = create(datastore);
        services.next(COMMIT, Fault.FAILED, Fault.CONTENDED, Fault.FAILED, Fault.CONTENDED);
        Version second = stored(datastore.replace(key, SampleValue.live(2), first, LEASE));
        assertThat(load(datastore).version()).isEqualTo(second);
        services.next("datastore_v3.Get", Fault.CONTENDED);
        stored(datastore.replace(key, SampleValue.live(3), second, LEASE));
    }

    @Test
    void aCommitThatFailsAgainAndAgainIsUnknown() {
        Version seen = create(datastore);
        Fault[] often = {Fault.FAILED, Fault.FAILED, Fault.FAILED, Fault.FAILED, Fault.FAILED};
        services.next(COMMIT, often);
        assertThat(services.during(() -> assertThat(datastore
                                .replace(key, SampleValue.live(2), seen, LEASE)
                                .outcome())
                        .isEqualTo(Outcome.UNKNOWN)))
                .contains("datastore_v3.BeginTransaction 5", "datastore_v3.Commit 5");
        services.next(COMMIT, often);
        assertThat(datastore
                        .create(SampleValue.key(), SampleValue.live(1), LEASE)
                        .outcome())
                .isEqualTo(Outcome.UNKNOWN);
        services.next(COMMIT, often);
        assertThat(datastore.end(key, seen, later())).isEqualTo(Outcome.UNKNOWN);
        services.next(COMMIT, often);
        assertUnavailable(() -> datastore.renew(key, seen, LEASE));
        assertThat(load(datastore).version()).isEqualTo(seen);
    }

    /** A sign-out finds what was stored, and ends it before its creator has looked again. */
    @Test
    void aLostCreateThatWasEndedMeanwhileDoesNotComeBack() {
        services.next(COMMIT, Fault.LOST);
        services.whenLost(() -> assertThat(datastore.end(key, later())).isTrue());
        assertThat(datastore.create(key, SampleValue.live(1), LEASE).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(datastore.load(key, LEASE)).isEmpty();
    }

    /** The commit is done, then another request changes the row, and only then this one looks. */
    @Test
    void aLostCommitThatAnotherHasGoneOnFromIsStored() {
        byte[] first = SampleValue.live(1);
        stored(datastore.create(key, first, LEASE));
        byte[] second = SampleValue.after(first);
        byte[] third = SampleValue.after(second);
        Version seen = load(datastore).version();
        services.next(COMMIT, Fault.LOST);
        services.whenLost(() -> stored(services.datastore()
                .replace(key, third, datastore.load(key, LEASE).orElseThrow().version(), LEASE)));
        assertThat(datastore.replace(key, second, seen, LEASE).outcome()).isEqualTo(Outcome.STORED);
        assertThat(load(datastore).value()).isEqualTo(third);
    }

    /** A value knows of its last eight writes. */
    @Test
    void aLostCommitOfWhichNothingIsSeenAnyMoreIsUnknown() {
        byte[] first = SampleValue.live(1);
        stored(datastore.create(key, first, LEASE));
        byte[] second = SampleValue.after(first);
        Version seen = load(datastore).version();
        services.next(COMMIT, Fault.LOST);
        services.whenLost(() -> {
            byte[] value = second;
            for (int i = 0; i < Envelope.WRITE_IDS; i++) {
                value = SampleValue.after(value);
                stored(services.datastore().replace(key, value, load(datastore).version(), LEASE));
            }
        });
        assertThat(datastore.replace(key, second, seen, LEASE).outcome()).isEqualTo(Outcome.UNKNOWN);
    }

    @Test
    void whatFailsAheadOfTheCommitIsNotStored() {
        Version seen = create(datastore);
        for (String method : List.of("BeginTransaction", "Get", "Put")) {
            services.next("datastore_v3." + method, Fault.FAILED);
            assertUnavailable(() -> datastore.replace(key, SampleValue.live(2), seen, LEASE));
            services.next("datastore_v3." + method, Fault.FAILED);
            assertUnavailable(() -> datastore.create(SampleValue.key(), SampleValue.live(1), LEASE));
        }
        services.next("datastore_v3.Get", Fault.FAILED);
        assertUnavailable(() -> datastore.load(key, LEASE));
        assertThat(load(datastore).version()).isEqualTo(seen);
    }

    @Test
    void afterAFailureNoTransactionIsLeftOnTheThread() {
        create(datastore);
        for (Fault fault : List.of(Fault.FAILED, Fault.DISABLED)) {
            services.next("datastore_v3.Get", fault);
            assertUnavailable(() -> datastore.create(SampleValue.key(), SampleValue.live(1), LEASE));
            services.next("datastore_v3.Put", fault);
            assertUnavailable(() -> datastore.create(SampleValue.key(), SampleValue.live(1), LEASE));
            services.next("datastore_v3.BeginTransaction", fault);
            assertUnavailable(() -> datastore.create(SampleValue.key(), SampleValue.live(1), LEASE));
            services.next(COMMIT, fault);
            Throwable unused = catchThrowable(() -> datastore.create(SampleValue.key(), SampleValue.live(1), LEASE));
        }
        Version seen = load(datastore).version();
        assertThatIllegalArgumentException().isThrownBy(() -> datastore.renew(key, seen, Duration.ZERO));
        assertThat(datastore.create(key, SampleValue.live(1), LEASE).outcome()).isEqualTo(Outcome.EXISTS);
        assertThat(DatastoreServiceFactory.getDatastoreService().getActiveTransactions())
                .isEmpty();
    }

    /** A page has begun a transaction of its own and uses its session meanwhile. */
    @Test
    void theApplicationsTransactionIsLeftAlone() {
        var service = DatastoreServiceFactory.getDatastoreService();
        Transaction own = service.beginTransaction();
        service.put(new Entity("Page", "one"));
        Version first = create(datastore);
        Version second = stored(datastore.replace(key, SampleValue.live(2), first, LEASE));
        assertThat(load(datastore).version()).isEqualTo(second);
        assertThat(datastore.expired(10)).isEmpty();
        assertThat(service.getCurrentTransaction()).isEqualTo(own);
        own.rollback();
        assertThat(load(datastore).version()).isEqualTo(second);
        assertThat(datastore.end(key, later())).isTrue();
    }

    @Test
    void anEndIsTriedTwice() {
        create(datastore);
        services.next("datastore_v3.Delete", Fault.LOST);
        assertThat(datastore.end(key, later())).isTrue();
        services.next("datastore_v3.Delete", Fault.FAILED, Fault.FAILED);
        assertThat(datastore.end(key, later())).isFalse();
        services.next("datastore_v3.Delete", Fault.DISABLED);
        assertThat(datastore.end(key, later())).isFalse();
    }

    @Test
    void aServiceThatIsSwitchedOffHasStoredNothing() {
        List<SessionEvent.Kind> told = new ArrayList<>();
        datastore.report((kind, of) -> told.add(kind));
        Version seen = create(datastore);
        services.next(COMMIT, Fault.DISABLED);
        assertUnavailable(() -> datastore.replace(key, SampleValue.live(2), seen, LEASE));
        assertThat(told).containsExactly(SessionEvent.Kind.DEGRADED);
        assertThat(datastore.health().has(StoreHealth.Trouble.REFUSES_WRITES)).isTrue();
        services.next(COMMIT, Fault.DISABLED);
        assertThat(datastore.end(key, seen, later())).isEqualTo(Outcome.UNKNOWN);
        services.next(COMMIT, Fault.DISABLED);
        assertUnavailable(() -> datastore.renew(key, seen, LEASE));
        stored(datastore.replace(key, SampleValue.live(2), seen, LEASE));
        assertThat(datastore.health().state()).isEqualTo(StoreHealth.State.UP);
        services.next("datastore_v3.Get", Fault.DISABLED);
        assertThat(datastore.health().state()).isEqualTo(StoreHealth.State.DOWN);
    }

    @Test
    void aServiceThatDoesNotAnswerInTimeLeavesTheFateOfACommitUnknown() {
        Version seen = create(datastore);
        services.next("datastore_v3.Get", Fault.LATE);
        assertUnavailable(() -> datastore.load(key, LEASE));
        services.next(COMMIT, Fault.LATE, Fault.LATE, Fault.LATE, Fault.LATE, Fault.LATE);
        assertThat(datastore.replace(key, SampleValue.live(2), seen, LEASE).outcome())
                .isEqualTo(Outcome.UNKNOWN);
        services.next("datastore_v3.Delete", Fault.LATE, Fault.LATE);
        assertThat(datastore.end(key, later())).isFalse();
    }

    /** Of all tries together. */
    @Test
    void nobodyWaitsLongerThanTheTimeout() {
        Version seen = create(datastore);
        DatastoreSessionStore hasty =
                new DatastoreSessionStore(Duration.ofSeconds(1), "", DatastoreSessionStore.DEFAULT_KIND, clock);
        services.next(COMMIT, Fault.SILENCE);
        assertThat(services.during(() -> assertThat(hasty.replace(key, SampleValue.live(2), seen, LEASE)
                                .outcome())
                        .isEqualTo(Outcome.UNKNOWN)))
                .contains("datastore_v3.BeginTransaction 1", "datastore_v3.Commit 1");
    }

    @Test
    void aThreadThatAppEngineDoesNotServeStoresNothingAndIsToldSo() {
        Version seen = create(datastore);
        services.onForeignThread(() -> {
            assertThatThrownBy(() -> datastore.load(key, LEASE))
                    .isInstanceOf(SessionUnavailableException.class)
                    .hasMessageContaining("no API environment");
            assertUnavailable(() -> datastore.create(SampleValue.key(), SampleValue.live(1), LEASE));
            assertUnavailable(() -> datastore.replace(key, SampleValue.live(2), seen, LEASE));
            assertThat(datastore.end(key, later())).isFalse();
            assertThat(datastore.end(key, seen, later())).isEqualTo(Outcome.UNKNOWN);
            assertUnavailable(() -> datastore.expired(10));
            assertUnavailable(() -> datastore.sweep(new Expired(key, seen)));
            assertThat(datastore.health().state()).isEqualTo(StoreHealth.State.DOWN);
        });
        assertThat(load(datastore).version()).isEqualTo(seen);
        assertThat(datastore.needsRequestThread()).isTrue();
    }

    @Test
    void aSweepThatFailsIsToldToTheCaller() {
        create(datastore);
        clock.advance(LEASE.multipliedBy(2));
        services.next("datastore_v3.RunQuery", Fault.FAILED);
        assertUnavailable(() -> datastore.expired(10));
        services.next("datastore_v3.BeginTransaction", Fault.FAILED);
        assertUnavailable(() -> datastore.sweep(10));
        Expired listed = datastore.expired(10).get(0);
        services.next(COMMIT, Fault.LOST);
        assertUnavailable(() -> datastore.sweep(listed));
        assertThat(datastore.sweep(10)).as("it was swept by then").isEmpty();
        assertThat(datastore.end(key, Instant.EPOCH)).isTrue();
    }
}
