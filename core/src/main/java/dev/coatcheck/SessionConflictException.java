package dev.coatcheck;

/**
 * A commit lost against other requests of the same session: it could not be merged within its time, a taken value was
 * taken by somebody else, or the session ended meanwhile; or a user was signed out during the sign-in. The changes are not stored. Over HTTP it is a 409.
 */
public final class SessionConflictException extends SessionException {
    private static final long serialVersionUID = 1L;

    /** With what could not be merged. */
    public SessionConflictException(String message) {
        super(message, null);
    }
}
