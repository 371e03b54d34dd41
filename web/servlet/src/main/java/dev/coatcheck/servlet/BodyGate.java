package dev.coatcheck.servlet;

import jakarta.servlet.http.HttpServletResponse;

/**
 * Stands between a response's body and the container: the session is saved before any byte that can make the container
 * send. Containers send when their buffer overflows, when a write is too large for it, and as soon as the declared
 * Content-Length is reached. So the first write is let through after a commit, and so is every later one, except small ones
 * that leave room in the buffer: a page made of a thousand of these shall not look for changes a thousand times.
 */
final class BodyGate {
    /** Jetty hands writes above its aggregation size on at once (8,192 bytes, whatever getBufferSize says). */
    private static final int SMALL = 256;

    static final int MAX_BYTES_PER_CHAR = 4;

    private static final long NOT_DECLARED = -1;

    private final HttpServletResponse response;
    private final Visit visit;
    private boolean begun;
    private long written;
    private long length = NOT_DECLARED;

    BodyGate(HttpServletResponse response, Visit visit) {
        this.response = response;
        this.visit = visit;
    }

    /** To be called ahead of a write of at most this many bytes. */
    void before(long bytes) {
        if (!begun || bytes > SMALL || mayBeSent(written + bytes)) {
            visit.commit();
        }
        begun = true;
        written += bytes;
    }

    private boolean mayBeSent(long bytes) {
        return bytes >= response.getBufferSize() || (length != NOT_DECLARED && bytes >= length);
    }

    /** To be called ahead of whatever makes the container send. */
    void before() {
        visit.commit();
    }

    /** To be called ahead of a declaration of the Content-Length, which may turn out to be reached. */
    void declare(long bytes) {
        length = bytes;
        if (begun && bytes <= written) {
            visit.commit();
        }
    }

    /** The body was taken back. */
    void restart() {
        begun = false;
        written = 0;
    }

    /** The body and the headers were taken back. */
    void reset() {
        restart();
        length = NOT_DECLARED;
    }
}
