package dev.coatcheck;

/** Shows a setting's wrong value in a message: short, on one line, without anything that acts on a terminal or a log. */
final class SafeText {
    static final int MAX_LENGTH = 80;

    private SafeText() {}

    /** In double quotes; what is no letter, digit or visible ASCII is escaped, the rest after 80 characters cut. */
    static String quote(String value) {
        StringBuilder shown = new StringBuilder("\"");
        for (int i = 0; i < value.length(); ) {
            int c = value.codePointAt(i);
            i += Character.charCount(c);
            boolean plain = (c >= ' ' && c <= '~') || (c > '~' && Character.isLetterOrDigit(c));
            String next = plain ? Character.toString(c) : String.format("\\u%04X", c);
            if (shown.length() - 1 + next.length() > MAX_LENGTH) {
                return shown.append("...\"").toString();
            }
            shown.append(next);
        }
        return shown.append('"').toString();
    }
}
