package dev.coatcheck.servlet;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** The container's writer behind a {@link BodyGate}. */
final class GatedWriter extends Writer {
    private final PrintWriter out;
    private final BodyGate gate;
    private final boolean utf8;
    private final int maxBytesPerChar;

    GatedWriter(PrintWriter out, BodyGate gate, Charset charset) {
        this.out = out;
        this.gate = gate;
        utf8 = charset.equals(StandardCharsets.UTF_8);
        maxBytesPerChar = charset.canEncode()
                ? (int) Math.ceil(charset.newEncoder().maxBytesPerChar())
                : BodyGate.MAX_BYTES_PER_CHAR;
    }

    @Override
    public void write(int c) {
        gate.before(bytes((char) c));
        out.write(c);
    }

    @Override
    public void write(char[] chars, int offset, int length) {
        long bytes = 0;
        for (int i = offset; i < offset + length; i++) {
            bytes += bytes(chars[i]);
        }
        gate.before(bytes);
        out.write(chars, offset, length);
    }

    @Override
    public void write(String text, int offset, int length) {
        long bytes = 0;
        for (int i = offset; i < offset + length; i++) {
            bytes += bytes(text.charAt(i));
        }
        gate.before(bytes);
        out.write(text, offset, length);
    }

    /** How many bytes a character makes at most. */
    private int bytes(char c) {
        if (!utf8) {
            return maxBytesPerChar;
        }
        return c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
    }

    /** Also what {@link PrintWriter#checkError} calls, so the container's writer is asked whether the client is gone. */
    @Override
    public void flush() throws IOException {
        gate.before();
        if (out.checkError()) {
            throw new IOException("The response cannot be written");
        }
    }

    @Override
    public void close() {
        gate.before();
        out.close();
    }
}
