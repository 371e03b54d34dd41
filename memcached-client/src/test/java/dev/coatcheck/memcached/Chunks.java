package dev.coatcheck.memcached;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A wire on which the given bytes come, cut where a test wants it, and then the end. */
final class Chunks implements Wire {
    private final byte[] bytes;
    private final int[] cuts;
    private int at;

    /** @param cuts where a read ends, ascending; none: all at once */
    Chunks(byte[] bytes, int... cuts) {
        this.bytes = bytes;
        this.cuts = cuts;
    }

    static Chunks oneByOne(byte[] bytes) {
        int[] everywhere = new int[bytes.length];
        Arrays.setAll(everywhere, i -> i + 1);
        return new Chunks(bytes, everywhere);
    }

    @Override
    public void secure() {
        // In clear.
    }

    @Override
    public @Nullable String misfit() {
        return null;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        if (at == bytes.length) {
            return -1;
        }
        int end = bytes.length;
        for (int cut : cuts) {
            if (cut > at) {
                end = Math.min(end, cut);
                break;
            }
        }
        int count = Math.min(length, end - at);
        System.arraycopy(bytes, at, into, offset, count);
        at += count;
        return count;
    }

    @Override
    public void write(byte[] data, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        at = bytes.length;
    }
}
