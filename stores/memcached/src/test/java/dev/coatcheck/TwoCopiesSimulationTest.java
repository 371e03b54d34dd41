package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** As {@link SimulationTest}, with each session on two of three memcacheds. */
class TwoCopiesSimulationTest {

    @Test
    @Timeout(value = 3, unit = TimeUnit.HOURS)
    void noScheduleBreaksAPromise() {
        AssertionError broken =
                SimulationTest.firstBroken(SimTwoCopies.SERVERS, SimFault.NONE, SimulationTest.SCHEDULES);
        if (broken != null) {
            throw broken;
        }
    }

    static List<SimFault> planted() {
        return SimFault.planted(SimFault.In.COPIES);
    }

    @ParameterizedTest
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    @MethodSource("planted")
    void aFaultThatIsPlantedIsFound(SimFault fault) {
        assertThat(SimulationTest.firstBroken(SimTwoCopies.SERVERS, fault, SimulationTest.PLANTED))
                .as("found by a schedule")
                .isNotNull();
    }
}
