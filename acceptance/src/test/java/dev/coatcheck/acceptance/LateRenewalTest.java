package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.StoreHealth;
import dev.coatcheck.test.CountingStore;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.FaultyStore;
import dev.coatcheck.test.FaultyStore.Fault;
import dev.coatcheck.test.StoreVerb;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A store whose loads cannot renew a lease, and that is called by the threads of requests alone, as App Engine's services. */
class LateRenewalTest {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);

    private final FakeClock clock = new FakeClock();
    private final LateRenewalStore late = new LateRenewalStore(clock);
    private final FaultyStore faults = new FaultyStore(late);
    private final CountingStore store = new CountingStore(faults);
    private final SessionManager manager = SessionManager.builder()
            .store(store)
            .clock(clock)
            .keyRing(KeyRing.parse(KeyRing.generate()))
            .sweepEvery(Duration.ofSeconds(1))
            .build();
    private final TestBrowser browser = new TestBrowser(manager, clock);

    @AfterEach
    void close() {
        manager.close();
        store.close();
    }

    private void begin() {
        browser.visit(session -> session.set(X, 1));
    }

    private String cost(Consumer<Session> handler) {
        return store.during(() -> browser.visit(handler)).toString();
    }

    @Test
    void aReadIsRenewedOnceAQuarterOfTheLeaseHasPassed() {
        begin();
        clock.advance(Duration.ofMinutes(4));
        assertThat(cost(session -> session.get(X))).isEqualTo("load 1");
        clock.advance(Duration.ofMinutes(2));
        assertThat(cost(session -> session.get(X))).isEqualTo("load 1, renew 1");
        assertThat(cost(session -> session.get(X))).isEqualTo("load 1");
    }

    @Test
    void whatStoresOrEndsTheSessionRenewsNothingBesides() {
        begin();
        clock.advance(Duration.ofMinutes(6));
        assertThat(cost(session -> session.set(X, 2))).isEqualTo("load 1, replace 1");
        clock.advance(Duration.ofMinutes(6));
        assertThat(cost(Session::rotate)).isEqualTo("load 1, create 1, replace 1");
        clock.advance(Duration.ofMinutes(6));
        assertThat(cost(session -> {})).isEqualTo("nothing");
        assertThat(cost(Session::logout)).isEqualTo("load 1, end 1");
    }

    @Test
    void aSessionThatIsReadNowAndThenLives() {
        begin();
        for (int i = 0; i < 20; i++) {
            clock.advance(Duration.ofMinutes(19));
            assertThat(browser.<Integer>request(session -> session.get(X))).isEqualTo(1);
        }
        clock.advance(Duration.ofMinutes(21));
        assertThat(browser.<Boolean>request(session -> session.has(X))).isFalse();
    }

    @Test
    void aRenewalThatFailsFailsNoRequest() {
        begin();
        clock.advance(Duration.ofMinutes(6));
        faults.next(StoreVerb.RENEW, Fault.FAIL);
        assertThat(cost(session -> session.get(X))).isEqualTo("load 1, renew 1");
        assertThat(manager.stats().unavailable()).isEqualTo(1);
        assertThat(cost(session -> session.get(X))).isEqualTo("load 1, renew 1");
    }

    @Test
    void anEndThatWasNotConfirmedIsTriedAgainByLaterRequestsAndNothingRunsOnAnotherThread() {
        begin();
        faults.next(StoreVerb.END, Fault.FAIL);
        boolean confirmed = browser.request(Session::logout);
        assertThat(confirmed).isFalse();
        assertThat(manager.stats().loggedOut()).isZero();
        TestBrowser other = new TestBrowser(manager, clock);
        Awaitility.await().pollInSameThread().until(() -> {
            other.visit(session -> session.set(X, 1));
            return manager.stats().loggedOut() == 1;
        });
        assertThat(manager.health().state()).isEqualTo(StoreHealth.State.UP);
        assertThat(late.strangers()).isZero();
    }
}
