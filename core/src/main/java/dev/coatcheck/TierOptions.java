package dev.coatcheck;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What stands between {@code tiered:} and the cache's URL: how changes wait for the database.
 *
 * @param window null: they do not wait
 * @param urls what follows: the URLs of both tiers
 */
record TierOptions(@Nullable Duration window, int sessions, long bytes, Duration age, String urls) {
    private static final Pattern OPTION = Pattern.compile("([A-Za-z]+)=([0-9]{1,11}(?:ms|s|m|h|d|)),");
    private static final Pattern NAME = Pattern.compile("[A-Za-z]+=");
    private static final String WINDOW = "writeBehind";
    private static final String SESSIONS = "waitingSessions";
    private static final String BYTES = "waitingBytes";
    private static final String AGE = "waitingAge";
    private static final Set<String> NAMES = Set.of(WINDOW, SESSIONS, BYTES, AGE);

    /** @throws IllegalArgumentException for an option that is none, or is there twice, or without a window */
    static TierOptions parse(String text) {
        Map<String, String> values = new HashMap<>();
        Matcher option = OPTION.matcher(text);
        int end = 0;
        while (option.lookingAt()) {
            if (!NAMES.contains(option.group(1)) || values.put(option.group(1), option.group(2)) != null) {
                throw refused();
            }
            end = option.end();
            option.region(end, text.length());
        }
        String urls = text.substring(end);
        if (NAME.matcher(urls).lookingAt() || !values.isEmpty() && !values.containsKey(WINDOW)) {
            throw refused();
        }
        String window = values.get(WINDOW);
        String age = values.get(AGE);
        long sessions = number(values.get(SESSIONS), TieredSessionStore.DEFAULT_WAITING_SESSIONS);
        return new TierOptions(
                window == null ? null : duration(window),
                (int) Math.min(sessions, Integer.MAX_VALUE),
                number(values.get(BYTES), TieredSessionStore.DEFAULT_WAITING_BYTES),
                age == null ? TieredSessionStore.DEFAULT_WAITING_AGE : duration(age),
                urls);
    }

    private static long number(@Nullable String text, long otherwise) {
        if (text == null) {
            return otherwise;
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException unit) {
            throw refused();
        }
    }

    private static Duration duration(String text) {
        int digits = 0;
        while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
            digits++;
        }
        long number = Long.parseLong(text.substring(0, digits));
        return switch (text.substring(digits)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(number);
            default -> throw refused();
        };
    }

    private static IllegalArgumentException refused() {
        return new IllegalArgumentException(
                "'tiered:writeBehind=' + a window of 100 ms to 1 minute + ',', as"
                        + " tiered:writeBehind=2s,memcached://mc1:11211+jdbc:postgresql://db/sessions, with"
                        + " waitingSessions=10000, waitingBytes=67108864, or waitingAge=5m, behind it where it is to be another");
    }
}
