package dev.coatcheck.chaos;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/** What was asked for on the command line. */
record Command(Duration duration, long seed, List<Place> places) {
    private static final int LONGEST_MINUTES = 10_000;

    /** @throws IllegalArgumentException in one line, for whoever typed it */
    static Command of(List<String> arguments) {
        Duration duration = Duration.ofMinutes(1);
        long seed = new SplittableRandom().nextInt(Integer.MAX_VALUE);
        List<Place> places = List.of(Place.values());
        for (int i = 0; i < arguments.size(); i += 2) {
            String option = arguments.get(i);
            if (!List.of("--minutes", "--seed", "--place").contains(option)) {
                throw new IllegalArgumentException("there is no option " + option);
            }
            if (i + 1 == arguments.size()) {
                throw new IllegalArgumentException(option + " needs a value");
            }
            String value = arguments.get(i + 1);
            switch (option) {
                case "--minutes" -> duration = Duration.ofMinutes(number(option, value, 1, LONGEST_MINUTES));
                case "--seed" -> seed = number(option, value, Long.MIN_VALUE, Long.MAX_VALUE);
                default ->
                    places = List.of(Place.of(value)
                            .orElseThrow(() ->
                                    new IllegalArgumentException("there is no place " + value + ": " + Place.texts())));
            }
        }
        return new Command(duration, seed, places);
    }

    private static long number(String option, String value, long least, long most) {
        try {
            long number = Long.parseLong(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException none) {
            // told below
        }
        throw new IllegalArgumentException(option + " is a number from " + least + " to " + most + ", not " + value);
    }
}
