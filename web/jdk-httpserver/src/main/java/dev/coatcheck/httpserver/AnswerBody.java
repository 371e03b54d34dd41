package dev.coatcheck.httpserver;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** A response's body, which tells when it is closed. */
final class AnswerBody extends FilterOutputStream {
    private final Visit visit;

    AnswerBody(OutputStream out, Visit visit) {
        super(out);
        this.visit = visit;
    }

    /** Whether this is the body over another stream. */
    boolean isOver(OutputStream other) {
        return out.equals(other);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
        try {
            out.close();
        } finally {
            if (visit.isSent()) {
                visit.ended();
            }
        }
    }
}
