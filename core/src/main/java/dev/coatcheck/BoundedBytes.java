package dev.coatcheck;

import java.io.ByteArrayOutputStream;

/** Bytes up to a limit: a value that shares parts with itself could grow without end while it is written. */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // for the thread that made it alone
final class BoundedBytes extends ByteArrayOutputStream {
    private final int maxBytes;

    BoundedBytes(int maxBytes) {
        super(128);
        this.maxBytes = maxBytes;
    }

    @Override
    public void write(int b) {
        need(1);
        super.write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
        need(length);
        super.write(bytes, from, length);
    }

    private void need(int more) {
        if (more > maxBytes - count) {
            throw new UnwritableValueException("it has more than " + maxBytes + " bytes");
        }
    }
}
