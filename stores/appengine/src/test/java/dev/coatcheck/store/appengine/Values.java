package dev.coatcheck.store.appengine;

import dev.coatcheck.Envelope;
import dev.coatcheck.Envelope.Kind;
import dev.coatcheck.SessionStore.Key;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Keys and values as a manager makes them. */
final class Values {
    private static final SecureRandom RANDOM = new SecureRandom();

    private Values() {}

    /** A key that was never used. */
    static Key key() {
        byte[] bytes = new byte[24];
        RANDOM.nextBytes(bytes);
        return Key.of(Base64.getUrlEncoder().encodeToString(bytes));
    }

    /** A session's record with so many bytes behind the envelope. */
    static byte[] live(int version, int bodyBytes) {
        return of(Kind.LIVE, version, Instant.now().plusSeconds(43_200), bodyBytes);
    }

    static byte[] live(int version) {
        return live(version, 100);
    }

    /** What ends a key. */
    static byte[] terminal(Kind kind, Instant end) {
        return of(kind, Envelope.TERMINAL_VERSION, end, 100);
    }

    /** The next version of a record, which shows what it was made from. */
    static byte[] after(byte[] value) {
        Envelope seen = Envelope.of(value);
        List<Long> writes = new ArrayList<>(List.of(RANDOM.nextLong() | 1));
        writes.addAll(seen.writeIds().subList(0, Envelope.WRITE_IDS - 1));
        Envelope next = new Envelope(Kind.LIVE, 2, 1, 0, seen.version() + 1, seen.end(), writes);
        return Arrays.copyOf(next.bytes(), value.length);
    }

    private static byte[] of(Kind kind, int version, Instant end, int bodyBytes) {
        Envelope envelope = new Envelope(kind, 2, 1, 0, version, end.getEpochSecond(), List.of(RANDOM.nextLong() | 1));
        return Arrays.copyOf(envelope.bytes(), Envelope.BYTES + bodyBytes);
    }
}
