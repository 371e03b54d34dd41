package dev.coatcheck;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The bytes of a value in two parts: the first as every value is, the second with what is for a cache alone, and its length in
 * four bytes. The second part may be cut off at any time, as a durable store does; both are sealed, each by itself.
 *
 * @param first a sealed value
 * @param second a sealed part; empty after it was cut off
 */
record SplitValue(byte[] first, byte[] second) {
    /** What a value in two parts is longer than the sealed parts. */
    static final int OVERHEAD = Integer.BYTES;

    byte[] bytes() {
        return ByteBuffer.allocate(first.length + second.length + OVERHEAD)
                .put(first)
                .put(second)
                .putInt(second.length)
                .array();
    }

    /** @throws SealBrokenException when the length is none */
    static SplitValue of(byte[] value) throws SealBrokenException {
        if (value.length < Envelope.BYTES + OVERHEAD) {
            throw new SealBrokenException();
        }
        int end = value.length - OVERHEAD;
        int length = ByteBuffer.wrap(value).getInt(end);
        if (length < 0 || length > end - Envelope.BYTES) {
            throw new SealBrokenException();
        }
        return new SplitValue(Arrays.copyOf(value, end - length), Arrays.copyOfRange(value, end - length, end));
    }

    /** What a durable store gets of a value: all of it, but the part for a cache alone. */
    static byte[] durablePart(byte[] value, Envelope envelope) {
        if (envelope.kind() != Envelope.Kind.SPLIT) {
            return value;
        }
        try {
            return new SplitValue(of(value).first, new byte[0]).bytes();
        } catch (SealBrokenException e) {
            throw new IllegalArgumentException("A value in two parts has no such length", e);
        }
    }

    /** Hides the parts. */
    @Override
    public String toString() {
        return "SplitValue[" + first.length + " and " + second.length + " bytes]";
    }
}
