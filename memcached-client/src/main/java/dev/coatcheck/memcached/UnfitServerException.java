package dev.coatcheck.memcached;

import java.io.IOException;

/**
 * A server was reached that cannot serve this client as both are set: it is no memcached, too old, or wants another user,
 * password or kind of connection. The message says why.
 */
public final class UnfitServerException extends IOException {
    private static final long serialVersionUID = 1L;

    UnfitServerException(String message) {
        super(message);
    }
}
