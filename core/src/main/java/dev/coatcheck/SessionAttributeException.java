package dev.coatcheck;

import org.jspecify.annotations.Nullable;

/**
 * An attribute cannot be stored, or is not of the type that was asked for. The message names the key and the type, never
 * the value; the session is as it was before the call.
 */
public final class SessionAttributeException extends SessionException {
    private static final long serialVersionUID = 1L;

    /** With the key, the type, what is accepted, and the cause where there is one. */
    public SessionAttributeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
