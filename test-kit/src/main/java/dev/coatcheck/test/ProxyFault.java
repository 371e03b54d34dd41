package dev.coatcheck.test;

import java.time.Duration;
import java.util.Random;

/** What goes wrong in a {@link FaultProxy} at present. Belongs to the proxy's thread. */
final class ProxyFault {
    enum Kind {
        NONE,
        REFUSE,
        SILENCE,
        DELAY,
        DRIP,
        CUT,
        GARBLE,
        SWAP,
        DUPLICATE,
        CLOSE_IN_REPLY,
        DROP_REPLIES,
        LOSE_REQUESTS
    }

    final Kind kind;
    final long pauseNanos;
    private final String detail;
    private final Random random;
    private int bytesLeft;
    private boolean over;

    private ProxyFault(Kind kind, long pauseNanos, int bytesLeft, long seed, String detail) {
        this.kind = kind;
        this.pauseNanos = pauseNanos;
        this.bytesLeft = bytesLeft;
        this.random = new Random(seed);
        this.detail = detail;
    }

    static ProxyFault of(Kind kind) {
        return new ProxyFault(kind, 0, 0, 0, "");
    }

    static ProxyFault pausing(Kind kind, Duration pause) {
        return new ProxyFault(kind, pause.toNanos(), 0, 0, " " + pause);
    }

    static ProxyFault cutting(int bytes) {
        return new ProxyFault(Kind.CUT, 0, bytes, 0, " after " + bytes);
    }

    static ProxyFault garbling(long seed) {
        return new ProxyFault(Kind.GARBLE, 0, 0, seed, " seed " + seed);
    }

    boolean is(Kind other) {
        return kind == other && !over;
    }

    /** Those that look at whole replies, and happen once. */
    boolean isOfFrames() {
        return is(Kind.SWAP) || is(Kind.DUPLICATE) || is(Kind.CLOSE_IN_REPLY);
    }

    /** It was to happen once and has. */
    void end() {
        over = true;
    }

    /** How many of these bytes still pass. */
    int take(int bytes) {
        int passing = Math.min(bytes, bytesLeft);
        bytesLeft -= passing;
        return passing;
    }

    /** Changes at least one byte, and about one of sixteen, into another one. */
    byte[] garbled(byte[] bytes) {
        byte[] changed = bytes.clone();
        int changes = 1 + bytes.length / 16;
        for (int place : random.ints(0, bytes.length).distinct().limit(changes).toArray()) {
            changed[place] ^= (byte) (1 + random.nextInt(255));
        }
        return changed;
    }

    @Override
    public String toString() {
        return kind + detail + (over ? ", over" : "");
    }
}
