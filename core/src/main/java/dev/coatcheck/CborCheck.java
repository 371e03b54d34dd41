package dev.coatcheck;

/**
 * Walks over CBOR without reading it: everything that could make a parser allocate, recurse or spin is refused first, so
 * no limit depends on the parser's own. The same walk ends every encoding, so what could not be read is not stored.
 *
 * <p>Accepted is what we write, less than RFC 8949 has: no tags, no strings in chunks, names of text or whole numbers, valid UTF-8.
 */
final class CborCheck {
    static final int MAX_DEPTH = 32;
    static final int MAX_TOKENS = 100_000;
    static final int MAX_NAME_BYTES = 256;
    private static final int INDEFINITE = -1;

    private final byte[] bytes;
    private int at;
    private int depth;
    /** Per level how many items are to come, or {@link #INDEFINITE}. */
    private final int[] left = new int[MAX_DEPTH + 1];

    private final boolean[] isMap = new boolean[MAX_DEPTH + 1];
    private final boolean[] atName = new boolean[MAX_DEPTH + 1];

    private CborCheck(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Refuses all that is not exactly one item within the limits. */
    static void check(byte[] bytes, int maxBytes) throws UndecodableValueException {
        if (bytes.length > maxBytes) {
            throw new UndecodableValueException("more than " + maxBytes + " bytes");
        }
        new CborCheck(bytes).run();
    }

    private void run() throws UndecodableValueException {
        left[0] = 1;
        for (int tokens = 0; depth > 0 || left[0] > 0; tokens++) {
            if (tokens > MAX_TOKENS) {
                throw new UndecodableValueException("more than " + MAX_TOKENS + " items");
            }
            if (left[depth] == 0) {
                depth--;
            } else {
                item();
            }
        }
        if (at != bytes.length) {
            throw new UndecodableValueException("bytes after the end");
        }
    }

    private void item() throws UndecodableValueException {
        need(1);
        int first = bytes[at++] & 0xff;
        if (first == 0xff) {
            closeIndefinite();
            return;
        }
        boolean name = isMap[depth] && atName[depth];
        if (isMap[depth]) {
            atName[depth] = !name;
        }
        if (left[depth] != INDEFINITE) {
            left[depth]--;
        }
        if (name && first >> 5 > 1 && first >> 5 != 3) {
            throw new UndecodableValueException("a name that is neither text nor a whole number");
        }
        switch (first >> 5) {
            case 0, 1 -> argument(first);
            case 2 -> skip(length(first));
            case 3 -> text(length(first), name);
            case 4 -> open(first, false);
            case 5 -> open(first, true);
            case 7 -> simple(first);
            default -> throw new UndecodableValueException("a CBOR tag");
        }
    }

    private void closeIndefinite() throws UndecodableValueException {
        if (left[depth] != INDEFINITE || isMap[depth] && !atName[depth]) {
            throw new UndecodableValueException("an end without a beginning");
        }
        left[depth] = 0;
    }

    private void open(int first, boolean map) throws UndecodableValueException {
        int items = INDEFINITE;
        if ((first & 31) != 31) {
            items = length(first);
            if (map && items > (bytes.length - at) / 2) {
                throw new UndecodableValueException("cut off");
            }
            items = map ? 2 * items : items;
        }
        if (depth == MAX_DEPTH) {
            throw new UndecodableValueException("nested deeper than " + MAX_DEPTH);
        }
        depth++;
        left[depth] = items;
        isMap[depth] = map;
        atName[depth] = map;
    }

    private void simple(int first) throws UndecodableValueException {
        switch (first & 31) {
            case 20, 21, 22 -> {}
            case 26 -> skip(4);
            case 27 -> skip(8);
            default -> throw new UndecodableValueException("an unknown simple value");
        }
    }

    private void text(int length, boolean name) throws UndecodableValueException {
        if (name && length > MAX_NAME_BYTES) {
            throw new UndecodableValueException("a name of more than " + MAX_NAME_BYTES + " bytes");
        }
        if (!isUtf8(at, at + length)) {
            throw new UndecodableValueException("text that is not UTF-8");
        }
        at += length;
    }

    /** A length or count; each element has a byte at least, so more than what is left is a lie. */
    private int length(int first) throws UndecodableValueException {
        long length = argument(first);
        if (length < 0 || length > bytes.length - at) {
            throw new UndecodableValueException("cut off");
        }
        return (int) length;
    }

    private long argument(int first) throws UndecodableValueException {
        int info = first & 31;
        if (info < 24) {
            return info;
        }
        if (info > 27) {
            throw new UndecodableValueException("a length that is not told");
        }
        int size = 1 << (info - 24);
        need(size);
        long value = 0;
        for (int i = 0; i < size; i++) {
            value = value << 8 | bytes[at++] & 0xff;
        }
        return value;
    }

    private void skip(int count) throws UndecodableValueException {
        need(count);
        at += count;
    }

    private void need(int count) throws UndecodableValueException {
        if (count > bytes.length - at) {
            throw new UndecodableValueException("cut off");
        }
    }

    private boolean isUtf8(int from, int to) {
        int i = from;
        while (i < to) {
            int lead = bytes[i++];
            if (lead >= 0) {
                continue;
            }
            int more =
                    lead >= (byte) 0xc2 && lead < (byte) 0xe0 ? 1 : lead >= (byte) 0xe0 && lead < (byte) 0xf0 ? 2 : 3;
            if (lead < (byte) 0xc2 || lead > (byte) 0xf4 || to - i < more) {
                return false;
            }
            int code = lead & (0x3f >> more);
            for (int k = 0; k < more; k++) {
                if ((bytes[i] & 0xc0) != 0x80) {
                    return false;
                }
                code = code << 6 | bytes[i++] & 0x3f;
            }
            // Overlong forms, surrogates and what lies beyond Unicode
            if (more == 2 && (code < 0x800 || code >= 0xd800 && code < 0xe000)
                    || more == 3 && (code < 0x10000 || code > 0x10ffff)) {
                return false;
            }
        }
        return true;
    }
}
