package dev.coatcheck.store.memcached;

import dev.coatcheck.Envelope;

/**
 * The 32 bits that memcached keeps beside a value: 20 of its version, then 12 that tell two writers of one version apart. A
 * hint, which anybody with access to the server can forge; the envelope, which is sealed, decides.
 */
final class ClientFlags {
    private static final int WRITER_BITS = 12;
    private static final long TERMINAL = (long) Envelope.TERMINAL_VERSION << WRITER_BITS;
    private static final long FORWARD = TERMINAL + 1;
    private static final long MARKER = TERMINAL + 2;
    private static final long MOVED = TERMINAL + 3;
    private static final long TOMB = TERMINAL + 4095;

    private ClientFlags() {}

    /** Those of a value. */
    static long of(Envelope envelope) {
        return switch (envelope.kind()) {
            case FORWARD -> FORWARD;
            case MARKER -> MARKER;
            case MOVED -> MOVED;
            case TOMB -> TOMB;
            case LIVE, SPLIT, STUB, INDEX ->
                (long) envelope.version() << WRITER_BITS | envelope.writeIds().get(0) >>> Long.SIZE - WRITER_BITS;
        };
    }

    static long version(long flags) {
        return flags >>> WRITER_BITS;
    }

    /** Whether what has these flags ends its key: its lease must not be renewed. */
    static boolean isTerminal(long flags) {
        return version(flags) == Envelope.TERMINAL_VERSION;
    }

    /** Whether the key was ended and leads nowhere. */
    static boolean isTomb(long flags) {
        return flags == TOMB;
    }

    /** Whether an old id is left that may lead on, or may be told from nothing. */
    static boolean isOldId(long flags) {
        return flags == FORWARD || flags == MARKER;
    }
}
