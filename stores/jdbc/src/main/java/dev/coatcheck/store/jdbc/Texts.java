package dev.coatcheck.store.jdbc;

import org.jspecify.annotations.Nullable;

/** What may be shown to people. */
final class Texts {
    private static final int LONGEST = 200;

    private Texts() {}

    /** The class of a failure, without its message. */
    static String kind(@Nullable Throwable failure) {
        return failure == null ? "failure" : failure.getClass().getName();
    }

    /** What somebody else wrote, so that it breaks no line of a log. */
    static String shown(String text) {
        String visible = text.replaceAll("[^ -~]", "?");
        return visible.length() <= LONGEST ? visible : visible.substring(0, LONGEST) + "...";
    }
}
