package dev.coatcheck.memcached;

import java.io.IOException;

/** Two streams of bytes to and from a server. One thread reads and another writes; any may close, which ends both. */
interface Wire {
    /** Reads some bytes, at least one; -1 at the end. */
    int read(byte[] into, int offset, int length) throws IOException;

    /** Writes all of them. */
    void write(byte[] bytes, int offset, int length) throws IOException;

    /** At once, even while others read and write. */
    void close();
}
