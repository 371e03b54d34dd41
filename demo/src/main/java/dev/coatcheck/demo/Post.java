package dev.coatcheck.demo;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One message of the timeline.
 *
 * @param author the name that its author signed in with
 * @param text as {@link #tidy} gives it
 */
record Post(String author, String text, Instant at) {
    /** How many code points a text may have. */
    static final int MAX_LENGTH = 280;

    /** A text as it is kept: no blanks at its ends, lines end with LF, other control characters are blanks. */
    static String tidy(String text) {
        return text.replace("\r\n", "\n").replaceAll("[\\p{Cc}&&[^\n]]", " ").strip();
    }

    /** Why a tidy text is not taken; null when it is. */
    static @Nullable String faultIn(String text) {
        int length = text.codePointCount(0, text.length());
        if (length > MAX_LENGTH) {
            return "That is " + length + " characters; a chirp has " + MAX_LENGTH + " at most.";
        }
        return text.codePoints().anyMatch(Post::isVisible)
                ? null
                : "There is nothing in it yet. Write a few words first.";
    }

    private static boolean isVisible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SPACE_SEPARATOR,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
