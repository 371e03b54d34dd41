package dev.coatcheck.memcached;

import java.io.EOFException;
import java.io.IOException;

/** Bytes from a server, by lines of bounded length and by blocks of a length that was checked before. For one thread. */
final class ReplyInput {
    /** The longest line that is read. */
    static final int MAX_LINE_BYTES = 4_096;

    private static final int BUFFER_BYTES = 32_768;

    private final Wire wire;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int at;
    private int end;
    private long received;

    ReplyInput(Wire wire) {
        this.wire = wire;
    }

    /** All bytes so far. */
    long received() {
        return received;
    }

    /** Waits until something has come. */
    void await() throws IOException {
        if (at == end) {
            fill();
        }
    }

    private void fill() throws IOException {
        if (at == end) {
            at = 0;
            end = 0;
        } else if (end == buffer.length) {
            System.arraycopy(buffer, at, buffer, 0, end - at);
            end -= at;
            at = 0;
        }
        int read = wire.read(buffer, end, buffer.length - end);
        if (read < 0) {
            throw new EOFException("The server closed the connection");
        }
        end += read;
        received += read;
    }

    /** The next line without its end, which is CR LF. Good until the next call. */
    ReplyLine line() throws IOException {
        int seen = at;
        while (true) {
            for (; seen < end; seen++) {
                if (buffer[seen] == '\n') {
                    return line(seen);
                }
            }
            if (end - at > MAX_LINE_BYTES) {
                throw new MalformedReplyException("A line of more than " + MAX_LINE_BYTES + " bytes");
            }
            int offset = seen - at;
            fill();
            seen = at + offset;
        }
    }

    private ReplyLine line(int feed) throws MalformedReplyException {
        int start = at;
        if (feed == start || buffer[feed - 1] != '\r' || feed - start > MAX_LINE_BYTES) {
            throw new MalformedReplyException("A line that does not end in CR LF or is too long");
        }
        at = feed + 1;
        return new ReplyLine(buffer, start, feed - 1);
    }

    /** A block of data and the CR LF behind it. */
    byte[] block(int length) throws IOException {
        byte[] block = new byte[length];
        int copied = Math.min(length, end - at);
        System.arraycopy(buffer, at, block, 0, copied);
        at += copied;
        while (copied < length) {
            int read = wire.read(block, copied, length - copied);
            if (read < 0) {
                throw new EOFException("The server closed the connection within a value");
            }
            copied += read;
            received += read;
        }
        while (end - at < 2) {
            fill();
        }
        if (buffer[at] != '\r' || buffer[at + 1] != '\n') {
            throw new MalformedReplyException("A value that does not end where its length says");
        }
        at += 2;
        return block;
    }
}
