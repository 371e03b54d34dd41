package dev.coatcheck;

/** A value cannot be encoded. The message says why and where, without data; the key is added by who knows it. */
final class UnwritableValueException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnwritableValueException(String message) {
        super(message);
    }

    UnwritableValueException(String message, Throwable reason) {
        super(message, UndecodableValueException.Redacted.of(reason));
    }
}
