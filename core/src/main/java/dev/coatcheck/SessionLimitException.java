package dev.coatcheck;

/**
 * A sign-in was refused, since its user has as many sessions as {@link SessionManager.Builder#maxSessionsPerUser} allows.
 * What the request changed is forgotten, and the session stays as it was. Over HTTP it is a 409; a page that wants to say
 * more calls {@link Session#commit()} after {@link Session#login} and catches it there.
 */
public final class SessionLimitException extends SessionException {
    private static final long serialVersionUID = 1L;

    /** With how many are allowed. */
    public SessionLimitException(String message) {
        super(message, null);
    }
}
