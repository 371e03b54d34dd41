package dev.coatcheck.memcached;

/** A command that got no answer to rely on. {@link #fate()} says whether it can have happened. */
public final class MemcachedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Fate fate;

    /** Whether a command has happened. */
    public enum Fate {
        /** It was not sent and never will be: the node is away, too many commands are on their way, or time was over. */
        NOT_SENT,
        /** It was not sent, since the server is not the one that {@link Command#onlyOn} names. */
        OTHER_SERVER,
        /** The server could not do it, as when its memory is full. What was under the key may be gone. */
        REFUSED,
        /** It was sent and no answer came: it may have happened, and it may still happen, long after this. */
        UNKNOWN
    }

    MemcachedException(Fate fate, String message) {
        // Many callers fail at once when a node goes; where each of them waited says nothing.
        super(message, null, false, false);
        this.fate = fate;
    }

    /** Whether the command has happened. */
    public Fate fate() {
        return fate;
    }
}
