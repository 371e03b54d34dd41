package dev.coatcheck;

import org.jspecify.annotations.Nullable;

/**
 * The store could not say. Not "no session": the browser's cookie stays good, and the same request may be sent again. Over
 * HTTP it is a 503 with {@code Retry-After}.
 */
public final class SessionUnavailableException extends SessionException {
    private static final long serialVersionUID = 1L;

    private final boolean lost;
    private final boolean mayBeStored;

    /** The store is out of reach, refused for lack of room, or holds what this release must not touch. */
    public SessionUnavailableException(String message, @Nullable Throwable cause) {
        this(message, cause, false, false);
    }

    private SessionUnavailableException(String message, @Nullable Throwable cause, boolean lost, boolean mayBeStored) {
        super(message, cause);
        this.lost = lost;
        this.mayBeStored = mayBeStored;
    }

    /** For changes of which nobody can tell whether they are stored or will be. */
    static SessionUnavailableException mayBeStored(String message, @Nullable Throwable cause) {
        return new SessionUnavailableException(message, cause, false, true);
    }

    boolean mayBeStored() {
        return mayBeStored;
    }

    /** For a store that has proof of a newer record of which no copy is left. The manager ends such a session aloud. */
    public static SessionUnavailableException lost(String message) {
        return new SessionUnavailableException(message, null, true, false);
    }

    /** Whether the record is known to be gone for good, rather than out of reach for now. */
    public boolean lost() {
        return lost;
    }
}
