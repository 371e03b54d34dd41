package dev.coatcheck.store.memcached;

import dev.coatcheck.Envelope;
import dev.coatcheck.Envelope.Kind;
import dev.coatcheck.SessionStore.Key;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

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

    /** The next version of a session's record, by one who has seen this one. */
    static byte[] after(byte[] seen) {
        Envelope before = Envelope.of(seen);
        List<Long> writes = Stream.concat(Stream.of(RANDOM.nextLong() | 1), before.writeIds().stream())
                .limit(Envelope.WRITE_IDS)
                .toList();
        Envelope envelope = new Envelope(Kind.LIVE, 2, 1, 0, before.version() + 1, before.end(), writes);
        return Arrays.copyOf(envelope.bytes(), seen.length);
    }

    /** What ends a key. */
    static byte[] terminal(Kind kind, Instant end) {
        return of(kind, Envelope.TERMINAL_VERSION, end, 100);
    }

    private static byte[] of(Kind kind, int version, Instant end, int bodyBytes) {
        Envelope envelope = new Envelope(kind, 2, 1, 0, version, end.getEpochSecond(), List.of(RANDOM.nextLong() | 1));
        return Arrays.copyOf(envelope.bytes(), Envelope.BYTES + bodyBytes);
    }
}
