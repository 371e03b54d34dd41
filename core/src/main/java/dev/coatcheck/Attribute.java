package dev.coatcheck;

import java.util.Arrays;

/**
 * An attribute as the record keeps it. Equal when its content is: that is what "changed" means.
 *
 * @param tag what the bytes are: one character for a built-in class, a registered alias, or empty: only the key knows
 * @param flags {@link #GUARDED} and {@link #CACHE_ONLY}; bits of a later release are kept
 * @param bytes one CBOR item; not copied, nobody changes it
 */
record Attribute(String tag, int flags, byte[] bytes) {
    static final int GUARDED = 1;
    static final int CACHE_ONLY = 2;

    boolean isGuarded() {
        return (flags & GUARDED) != 0;
    }

    boolean isCacheOnly() {
        return (flags & CACHE_ONLY) != 0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Attribute that
                && flags == that.flags
                && tag.equals(that.tag)
                && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * tag.hashCode() + flags) + Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "Attribute[tag=" + tag + ", flags=" + flags + ", " + bytes.length + " bytes]";
    }
}
