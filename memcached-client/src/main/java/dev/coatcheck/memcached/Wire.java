package dev.coatcheck.memcached;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Two streams of bytes to and from a server. One thread reads and another writes; any may close, which ends both. */
interface Wire {
    /** Agrees on TLS, where it is set. Called once, before all else. */
    void secure() throws IOException;

    /** Why the server may have hung up on our first words: it speaks another way than we do. Null when that is not so. */
    @Nullable
    String misfit();

    /** Reads some bytes, at least one; -1 at the end. */
    int read(byte[] into, int offset, int length) throws IOException;

    /** Writes all of them. */
    void write(byte[] bytes, int offset, int length) throws IOException;

    /** At once, even while others read and write. */
    void close();
}
