package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The protocol before the sockets: the product's own functions in seeded schedules of delays, losses, freezes, crashes,
 * restarts and evictions. {@code -Dcoatcheck.simulation.seed} runs one seed, {@code -Dcoatcheck.simulation.schedules} more.
 */
class SimulationTest {
    static final int SCHEDULES = Integer.getInteger("coatcheck.simulation.schedules", 5_000);
    static final int PLANTED = 100_000;

    /** Runs seeds from a random one on, or the one that was asked for; null when none broke a promise. */
    static @Nullable AssertionError firstBroken(SimServers servers, SimFault fault, int schedules) {
        return firstBroken(servers, fault, new Random().nextInt(), schedules);
    }

    /** As {@link #firstBroken(SimServers, SimFault, int)}, from a seed on. */
    static @Nullable AssertionError firstBroken(SimServers servers, SimFault fault, long from, int schedules) {
        Long asked = Long.getLong("coatcheck.simulation.seed");
        long first = asked != null ? asked : from;
        long last = first + (asked != null ? 1 : schedules);
        System.out.println("Simulation of " + servers + ", " + fault + ", from seed " + first);
        AtomicReference<AssertionError> broken = new AtomicReference<>();
        boolean any = LongStream.range(first, last).parallel().anyMatch(seed -> {
            try {
                SimSchedule.run(seed, servers, fault);
                return false;
            } catch (AssertionError e) {
                broken.compareAndSet(null, e);
                return true;
            }
        });
        return any ? broken.get() : null;
    }

    /** A million by hand take longer than a test may. */
    @ParameterizedTest
    @Timeout(value = 3, unit = TimeUnit.HOURS)
    @MethodSource("all")
    void noScheduleBreaksAPromise(SimServers servers) {
        AssertionError broken = firstBroken(servers, SimFault.NONE, SCHEDULES);
        if (broken != null) {
            throw broken;
        }
    }

    static Stream<SimServers> all() {
        return Stream.of(SimServers.ONE_COPY, SimServers.TWO_TIERS);
    }

    static Stream<Arguments> planted() {
        return Stream.concat(
                SimFault.planted(SimFault.In.ONE_COPY).stream().map(fault -> Arguments.of(SimServers.ONE_COPY, fault)),
                SimFault.planted(SimFault.In.TIERS).stream().map(fault -> Arguments.of(SimServers.TWO_TIERS, fault)));
    }

    @ParameterizedTest
    @MethodSource("planted")
    void aFaultThatIsPlantedIsFound(SimServers servers, SimFault fault) {
        assertThat(firstBroken(servers, fault, PLANTED))
                .as("found by a schedule")
                .isNotNull();
    }
}
