package dev.coatcheck;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads durations as people write them into settings. */
final class Durations {
    static final String ACCEPTED = "a duration such as PT20M, or 20m with s, m, h or d";

    private static final Pattern SHORT = Pattern.compile("(-?[0-9]{1,9})([smhd])");

    private Durations() {}

    /** @throws DateTimeException when the text is none */
    static Duration parse(String text) {
        Matcher matcher = SHORT.matcher(text);
        if (!matcher.matches()) {
            return Duration.parse(text);
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }
}
