package dev.coatcheck.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.chaos.Entry.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A short run at each place, from a random seed or that of {@code -Dcoatcheck.chaos.seed}; bin/chaos has longer ones. */
class ChaosTest {
    private static final Duration LENGTH = Duration.ofSeconds(10);

    static List<Place> places() {
        return List.of(Place.values());
    }

    @ParameterizedTest
    @MethodSource("places")
    void everyPromiseIsKeptWhileServersFail(Place place) throws Exception {
        long seed = Long.getLong("coatcheck.chaos.seed", new SplittableRandom().nextInt(Integer.MAX_VALUE));
        System.out.println("Chaos at " + place + ", from seed " + seed);
        Report report = Run.at(place, seed, LENGTH);
        System.out.println(report.text());

        assertThat(report.broken()).isEmpty();
        assertThat(report.violations()).isZero();
        assertThat(report.happened()).containsOnlyKeys(Fault.at(place));
        assertThat(report.noticed().values().stream().mapToLong(hits -> hits).sum())
                .as("faults that an application node has noticed")
                .isPositive();
        assertThat(report.lives()).isGreaterThan(200);
        for (Kind kind : Kind.values()) {
            assertThat(report.tally().of(kind, Outcome.ACKNOWLEDGED))
                    .as(kind.name())
                    .isPositive();
        }
    }
}
