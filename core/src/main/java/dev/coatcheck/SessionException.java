package dev.coatcheck;

import org.jspecify.annotations.Nullable;

/** The root of what this library throws about sessions. Messages never hold a token, a user's name or a value. */
public class SessionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With what happened, and the cause where there is one. */
    public SessionException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
