package dev.coatcheck;

import org.jspecify.annotations.Nullable;

/** What a request tells of the device that it came from. */
record DeviceHint(@Nullable String label, @Nullable String address) {
    static final DeviceHint NONE = new DeviceHint(null, null);
    static final int MAX_LABEL_CHARS = 120;
    static final int MAX_ADDRESS_CHARS = 64;

    DeviceHint {
        label = cleaned(label, MAX_LABEL_CHARS);
        address = cleaned(address, MAX_ADDRESS_CHARS);
    }

    /** Without controls, formatting characters and halves of characters, at most so long; null when nothing is left. */
    static @Nullable String cleaned(@Nullable String text, int maxChars) {
        if (text == null) {
            return null;
        }
        StringBuilder clean = new StringBuilder();
        text.codePoints()
                .limit(4L * maxChars)
                .filter(DeviceHint::isShown)
                .takeWhile(c -> clean.length() + Character.charCount(c) <= maxChars)
                .forEachOrdered(clean::appendCodePoint);
        String stripped = clean.toString().strip();
        return stripped.isEmpty() ? null : stripped;
    }

    private static boolean isShown(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** Hides both. */
    @Override
    public String toString() {
        return "DeviceHint[hidden]";
    }
}
