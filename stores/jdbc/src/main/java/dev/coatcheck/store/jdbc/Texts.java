package dev.coatcheck.store.jdbc;

/** What may be shown to people. */
final class Texts {
    private static final int LONGEST = 200;

    private Texts() {}

    /** What somebody else wrote, so that it breaks no line of a log. */
    static String shown(String text) {
        String visible = text.replaceAll("[^ -~]", "?");
        return visible.length() <= LONGEST ? visible : visible.substring(0, LONGEST) + "...";
    }
}
