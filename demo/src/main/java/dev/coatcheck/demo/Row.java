package dev.coatcheck.demo;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * A post as the timeline shows it.
 *
 * @param initial the letter on the author's tag
 * @param tag which of the six colours the tag has: always the same for one author
 * @param datetime for machines
 * @param ago for people
 */
public record Row(String author, String initial, int tag, String text, String datetime, String ago, String exact) {
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter EXACT = DateTimeFormatter.ofPattern(
                    "d MMMM uuuu, HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    static Row of(Post post, Instant now) {
        return new Row(
                post.author(),
                post.author().substring(0, 1).toUpperCase(Locale.ROOT),
                Math.floorMod(post.author().hashCode(), 6),
                post.text(),
                post.at().truncatedTo(ChronoUnit.SECONDS).toString(),
                ago(post.at(), now),
                EXACT.format(post.at()));
    }

    /** A moment in words, seen from now. */
    static String ago(Instant at, Instant now) {
        Duration age = Duration.between(at, now);
        if (age.toMinutes() < 1) {
            return "just now";
        }
        if (age.toHours() < 1) {
            return count(age.toMinutes(), "minute");
        }
        if (age.toDays() < 1) {
            return count(age.toHours(), "hour");
        }
        return age.toDays() < 7 ? count(age.toDays(), "day") : DAY.format(at);
    }

    private static String count(long number, String unit) {
        return number + " " + unit + (number == 1 ? " ago" : "s ago");
    }
}
