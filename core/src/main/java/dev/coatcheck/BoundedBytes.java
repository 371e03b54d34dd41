package dev.coatcheck;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;

/** Bytes up to a limit: a value that shares parts with itself could grow without end while it is written. */
final class BoundedBytes extends OutputStream {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
    private final int maxBytes;

    BoundedBytes(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    @Override
    public void write(int b) {
        need(1);
        bytes.write(b);
    }

    @Override
    public void write(byte[] more, int from, int length) {
        need(length);
        bytes.write(more, from, length);
    }

    byte[] toByteArray() {
        return bytes.toByteArray();
    }

    private void need(int more) {
        if (more > maxBytes - bytes.size()) {
            throw new UnwritableValueException("it has more than " + maxBytes + " bytes");
        }
    }
}
