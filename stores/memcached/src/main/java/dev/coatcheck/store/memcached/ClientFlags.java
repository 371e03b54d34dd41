package dev.coatcheck.store.memcached;

import dev.coatcheck.Envelope;

/**
 * The 32 bits that memcached keeps beside a value, by which two nodes are compared without it: 8 of its version, 24 of its
 * writer's id; of what ends a key its kind and 18 of its writer's id. A hint, which anybody with access to the server can
 * forge; the envelope, which is sealed, decides.
 */
final class ClientFlags {
    private static final int VERSION_BITS = 8;
    private static final int WRITER_BITS = 24;

    /** The first of those that are kept for what ends a key. */
    private static final long TERMINAL = 0xFFF0_0000L;

    /** Of two writers that end a key in the same way, on two nodes, one must yield. */
    private static final int TERMINAL_WRITER_BITS = 18;

    private static final long FORWARD = 0;
    private static final long MARKER = 1;
    private static final long MOVED = 2;
    private static final long TOMB = 0xFFFF_FFFFL;

    private ClientFlags() {}

    /** Those of a value. */
    static long of(Envelope envelope) {
        return switch (envelope.kind()) {
            case FORWARD -> terminal(FORWARD, envelope);
            case MARKER -> terminal(MARKER, envelope);
            case MOVED -> terminal(MOVED, envelope);
            case TOMB -> TOMB;
            case LIVE, SPLIT, INDEX -> free(written(envelope));
            case STUB -> free(written(envelope) ^ 1); // of the same write, and yet never taken for it
        };
    }

    private static long terminal(long kind, Envelope envelope) {
        long writer = envelope.writeIds().get(0) >>> Long.SIZE - TERMINAL_WRITER_BITS;
        return TERMINAL | kind << TERMINAL_WRITER_BITS | writer;
    }

    private static long written(Envelope envelope) {
        long version = envelope.version() & (1L << VERSION_BITS) - 1;
        return version << WRITER_BITS | envelope.writeIds().get(0) >>> Long.SIZE - WRITER_BITS;
    }

    private static long free(long flags) {
        return flags < TERMINAL ? flags : flags ^ TERMINAL;
    }

    /** Whether what has these flags ends its key: its lease must not be renewed. */
    static boolean isTerminal(long flags) {
        return flags >= TERMINAL;
    }

    /** Whether the key was ended and leads nowhere. */
    static boolean isTomb(long flags) {
        return flags == TOMB;
    }

    /** Whether an old id is left that may lead on, or may be told from nothing. */
    static boolean isOldId(long flags) {
        long kind = (flags & ~TERMINAL) >>> TERMINAL_WRITER_BITS;
        return isTerminal(flags) && (kind == FORWARD || kind == MARKER);
    }
}
