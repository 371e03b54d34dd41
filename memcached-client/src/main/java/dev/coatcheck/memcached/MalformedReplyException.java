package dev.coatcheck.memcached;

import java.io.IOException;

/** What came is no answer to what was asked: the connection is of no more use. The message names the fault, never the data. */
final class MalformedReplyException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedReplyException(String message) {
        super(message);
    }
}
