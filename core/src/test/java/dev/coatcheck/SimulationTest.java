package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The protocol before the sockets: the product's own functions in seeded schedules of delays, losses, freezes, crashes,
 * restarts and evictions. {@code -Dcoatcheck.simulation.seed} runs one seed, {@code -Dcoatcheck.simulation.schedules} more.
 */
class SimulationTest {
    private static final int SCHEDULES = Integer.getInteger("coatcheck.simulation.schedules", 10_000);
    private static final int PLANTED = 20_000;

    /** Runs seeds from a random one on, or the one that was asked for; null when none broke a promise. */
    private static AssertionError firstBroken(SimFault fault, int schedules) {
        Long asked = Long.getLong("coatcheck.simulation.seed");
        long first = asked != null ? asked : new Random().nextInt();
        long last = first + (asked != null ? 1 : schedules);
        System.out.println("Simulation of " + fault + " from seed " + first);
        AtomicReference<AssertionError> broken = new AtomicReference<>();
        LongStream.range(first, last).parallel().anyMatch(seed -> {
            try {
                SimSchedule.run(seed, fault);
                return false;
            } catch (AssertionError e) {
                broken.compareAndSet(null, e);
                return true;
            }
        });
        return broken.get();
    }

    @Test
    void noScheduleOfOneCopyBreaksAPromise() {
        AssertionError broken = firstBroken(SimFault.NONE, SCHEDULES);
        if (broken != null) {
            throw broken;
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aFaultThatIsPlantedInOneCopyIsFound(SimFault fault) {
        assertThat(firstBroken(fault, PLANTED)).as("found by a schedule").isNotNull();
    }
}
