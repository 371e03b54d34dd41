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
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The protocol before the sockets: the product's own functions in seeded schedules of delays, losses, freezes, crashes,
 * restarts and evictions. {@code -Dcoatcheck.simulation.seed} runs one seed, {@code -Dcoatcheck.simulation.schedules} more.
 */
class SimulationTest {
    private static final int SCHEDULES = Integer.getInteger("coatcheck.simulation.schedules", 5_000);
    private static final int PLANTED = 100_000;

    /** Runs seeds from a random one on, or the one that was asked for; null when none broke a promise. */
    private static @Nullable AssertionError firstBroken(boolean oneCopy, SimFault fault, int schedules) {
        Long asked = Long.getLong("coatcheck.simulation.seed");
        long first = asked != null ? asked : new Random().nextInt();
        long last = first + (asked != null ? 1 : schedules);
        System.out.println(
                "Simulation of " + (oneCopy ? "one copy, " : "two tiers, ") + fault + ", from seed " + first);
        AtomicReference<AssertionError> broken = new AtomicReference<>();
        boolean any = LongStream.range(first, last).parallel().anyMatch(seed -> {
            try {
                SimSchedule.run(seed, oneCopy, fault);
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
    @ValueSource(booleans = {true, false})
    void noScheduleBreaksAPromise(boolean oneCopy) {
        AssertionError broken = firstBroken(oneCopy, SimFault.NONE, SCHEDULES);
        if (broken != null) {
            throw broken;
        }
    }

    static Stream<Arguments> planted() {
        return Stream.of(true, false)
                .flatMap(oneCopy -> SimFault.planted(!oneCopy).stream().map(fault -> Arguments.of(oneCopy, fault)));
    }

    @ParameterizedTest
    @MethodSource("planted")
    void aFaultThatIsPlantedIsFound(boolean oneCopy, SimFault fault) {
        assertThat(firstBroken(oneCopy, fault, PLANTED))
                .as("found by a schedule")
                .isNotNull();
    }
}
