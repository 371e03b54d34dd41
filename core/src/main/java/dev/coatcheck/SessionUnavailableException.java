package dev.coatcheck;

import org.jspecify.annotations.Nullable;

/**
 * The store could not say. Not "no session": the browser's cookie stays good, and the same request may be sent again. Over
 * HTTP it is a 503 with {@code Retry-After}.
 */
public final class SessionUnavailableException extends SessionException {
    private static final long serialVersionUID = 1L;

    private final boolean lost;

    /** The store is out of reach, refused for lack of room, or holds what this release must not touch. */
    public SessionUnavailableException(String message, @Nullable Throwable cause) {
        this(message, cause, false);
    }

    private SessionUnavailableException(String message, @Nullable Throwable cause, boolean lost) {
        super(message, cause);
        this.lost = lost;
    }

    /** For a store that has proof of a newer record of which no copy is left. The manager ends such a session aloud. */
    public static SessionUnavailableException lost(String message) {
        return new SessionUnavailableException(message, null, true);
    }

    /** Whether the record is known to be gone for good, rather than out of reach for now. */
    public boolean lost() {
        return lost;
    }
}
