package dev.coatcheck;

import org.jspecify.annotations.Nullable;

/**
 * Stored bytes are no value of the wanted type: another release wrote them, or nobody of ours. The message has the type
 * and the place within it, never data; what a constructor or the parser threw is told by its class and stack alone.
 */
final class UndecodableValueException extends Exception {
    private static final long serialVersionUID = 1L;

    private final @Nullable String unknownAlias;

    UndecodableValueException(String message) {
        super(message);
        this.unknownAlias = null;
    }

    UndecodableValueException(String message, Throwable reason) {
        super(message, Redacted.of(reason));
        this.unknownAlias = null;
    }

    private UndecodableValueException(String message, String unknownAlias) {
        super(message);
        this.unknownAlias = unknownAlias;
    }

    static UndecodableValueException ofUnknownAlias(String alias) {
        return new UndecodableValueException("the alias " + alias + " is not registered here", alias);
    }

    /** The alias that this node lacks, where that is the reason. */
    @Nullable
    String unknownAlias() {
        return unknownAlias;
    }

    /** A throwable's class and stack without its message: parsers and constructors like to quote the value. */
    static final class Redacted extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private Redacted(Throwable reason) {
            super(reason.getClass().getName());
            setStackTrace(reason.getStackTrace());
        }

        static Redacted of(Throwable reason) {
            Throwable root = reason;
            for (int i = 0; i < 20 && root.getCause() != null; i++) {
                root = root.getCause();
            }
            return new Redacted(root);
        }
    }
}
