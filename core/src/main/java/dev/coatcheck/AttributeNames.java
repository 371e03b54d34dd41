package dev.coatcheck;

import org.jspecify.annotations.Nullable;

/** What an attribute may be called. Names go into the sealed record only, so any character will do. */
final class AttributeNames {
    static final int MAX_LENGTH = 256;
    static final String RESERVED_PREFIX = "coatcheck.";

    private AttributeNames() {}

    /** What is wrong with a name; null when nothing is. */
    static @Nullable String fault(String name) {
        if (name.isEmpty() || name.length() > MAX_LENGTH) {
            return "a name has 1 to " + MAX_LENGTH + " characters, this one " + name.length();
        }
        if (name.startsWith(RESERVED_PREFIX)) {
            return "names that begin with " + RESERVED_PREFIX + " are reserved";
        }
        return hasLoneSurrogate(name) ? "a name is valid UTF-16, this one has half a surrogate pair" : null;
    }

    /** A name for messages: in quotes, on one line, not endless. */
    static String quoted(String name) {
        StringBuilder text = new StringBuilder("\"");
        name.codePoints().limit(80).forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE || c == '"' || c == 0x2028) {
                text.append(String.format("\\u%04x", c));
            } else {
                text.appendCodePoint(c);
            }
        });
        return text.append('"').toString();
    }

    /** Whether a text has half a surrogate pair, which UTF-8 cannot say. */
    static boolean hasLoneSurrogate(String text) {
        return text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }
}
