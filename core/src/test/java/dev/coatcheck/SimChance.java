package dev.coatcheck;

import java.util.List;
import java.util.SplittableRandom;

/** All that a schedule leaves to chance, from one seed. */
final class SimChance {
    private final SplittableRandom random;
    /** How stormy the schedule is: 0 without any fault, 1 few, up to 4. */
    private final int storm;

    SimChance(SplittableRandom random) {
        this.random = random;
        storm = random.nextInt(10) == 0 ? 0 : 1 + random.nextInt(4);
    }

    boolean isCalm() {
        return storm == 0;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    boolean percent(int percent) {
        return random.nextInt(100) < percent;
    }

    /** True more often the stormier it is; never in a calm. */
    boolean fault(int weight) {
        return storm > 0 && random.nextInt(200) < weight * storm;
    }

    <T> T of(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
