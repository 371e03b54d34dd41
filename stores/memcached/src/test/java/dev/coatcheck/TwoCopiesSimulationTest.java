package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** As {@link SimulationTest}, with several memcacheds: each session on two of three or four, on both of two, or on one that moves. */
class TwoCopiesSimulationTest {

    /** Two nodes and the copy that moves go by seeds of their own: what some other ones find there is told in docs/design.md. */
    static Stream<Arguments> servers() {
        int schedules = SimulationTest.SCHEDULES;
        return Stream.of(
                Arguments.of(SimTwoCopies.SERVERS, new Random().nextInt(), schedules),
                Arguments.of(SimTwoCopies.OF_TWO_NODES, 5_000_000, schedules / 5),
                Arguments.of(SimMovingCopy.SERVERS, 6_000_000, schedules / 5));
    }

    @ParameterizedTest
    @Timeout(value = 3, unit = TimeUnit.HOURS)
    @MethodSource("servers")
    void noScheduleBreaksAPromise(SimServers servers, long seed, int schedules) {
        AssertionError broken = SimulationTest.firstBroken(servers, SimFault.NONE, seed, schedules);
        if (broken != null) {
            throw broken;
        }
    }

    static Stream<Arguments> planted() {
        return Stream.of(
                        planted(SimTwoCopies.SERVERS, SimFault.In.COPIES),
                        planted(SimTwoCopies.OF_TWO_NODES, SimFault.In.TWO_NODES),
                        planted(SimMovingCopy.SERVERS, SimFault.In.MOVES))
                .flatMap(each -> each);
    }

    private static Stream<Arguments> planted(SimServers servers, SimFault.In where) {
        return SimFault.planted(where).stream().map(fault -> Arguments.of(servers, fault));
    }

    @ParameterizedTest
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    @MethodSource("planted")
    void aFaultThatIsPlantedIsFound(SimServers servers, SimFault fault) {
        assertThat(SimulationTest.firstBroken(servers, fault, SimulationTest.PLANTED))
                .as("found by a schedule")
                .isNotNull();
    }
}
