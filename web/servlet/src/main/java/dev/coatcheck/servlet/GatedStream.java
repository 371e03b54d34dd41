package dev.coatcheck.servlet;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The container's stream behind a {@link BodyGate}; blocking or not. */
final class GatedStream extends ServletOutputStream {
    private final ServletOutputStream out;
    private final BodyGate gate;

    GatedStream(ServletOutputStream out, BodyGate gate) {
        this.out = out;
        this.gate = gate;
    }

    @Override
    public void write(int b) throws IOException {
        gate.before(1);
        out.write(b);
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        gate.before(bytes.length);
        out.write(bytes);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        gate.before(length);
        out.write(bytes, offset, length);
    }

    @Override
    public void write(ByteBuffer buffer) throws IOException {
        // Jetty hands a buffer on at once, however small it is.
        gate.before();
        gate.before(buffer.remaining());
        out.write(buffer);
    }

    /** Every other {@code print} and {@code println} ends here. */
    @Override
    public void print(String text) throws IOException {
        gate.before();
        gate.before((long) String.valueOf(text).length() * BodyGate.MAX_BYTES_PER_CHAR);
        out.print(text);
    }

    @Override
    public void flush() throws IOException {
        gate.before();
        out.flush();
    }

    @Override
    public void close() throws IOException {
        gate.before();
        out.close();
    }

    @Override
    public boolean isReady() {
        return out.isReady();
    }

    @Override
    public void setWriteListener(WriteListener listener) {
        out.setWriteListener(listener);
    }
}
