package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.SessionStore;
import dev.coatcheck.test.PlantedFaults.Fault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SessionModelTest {
    private final FakeClock clock = new FakeClock();
    private final SessionStore store = new EmbeddedSessionStore(EmbeddedSessionStore.DEFAULT_MAX_BYTES, clock);

    @Test
    void twoNodesOnOneStoreDoWhatTheModelSays() {
        new SessionModel(clock, store, store).run(20_260_105, 200_000);
    }

    @Test
    void aStoreWithoutFaultsDoesToo() {
        SessionStore small = new PlantedFaults(clock);
        new SessionModel(clock, small, small).run(7, 10_000);
    }

    @Test
    void theFailureNamesSeedStepAndRequests() {
        SessionStore broken = new PlantedFaults(clock, Fault.REPLACE_IS_LOST);
        assertThatThrownBy(() -> new SessionModel(clock, broken).run(7, 10_000))
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll("seed 7, step ", "The last requests:", "browser ");
    }

    /** Two leases that a store gets wrong stay out: the manager judges idle times itself, and a load comes before a replace. */
    @ParameterizedTest
    @EnumSource(
            names = {
                "REPLACE_IS_LOST",
                "END_IS_LOST",
                "END_TAKES_ALL",
                "LAST_BYTE_IS_LOST",
                "LOAD_RENEWS_NOTHING",
                "IDLE_IS_ALWAYS_ZERO",
                "IDLE_COUNTS_FROM_THE_WRITE",
                "NODES_ARE_APART"
            })
    void theModelFindsABrokenStore(Fault fault) {
        SessionStore one = new PlantedFaults(clock, fault);
        SessionStore two = fault == Fault.NODES_ARE_APART ? new PlantedFaults(clock, fault) : one;
        assertThatThrownBy(() -> new SessionModel(clock, one, two).run(7, 100_000)).isInstanceOf(AssertionError.class);
    }
}
