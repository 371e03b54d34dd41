package dev.coatcheck.store.appengine;

import dev.coatcheck.Envelope;
import dev.coatcheck.Envelope.Kind;
import dev.coatcheck.SessionStore.Key;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
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

    /** A record whose text can be searched for. */
    static byte[] live(int version, String body) {
        byte[] text = body.getBytes(StandardCharsets.UTF_8);
        byte[] value = live(version, text.length);
        System.arraycopy(text, 0, value, Envelope.BYTES, text.length);
        return value;
    }

    private static byte[] of(Kind kind, int version, Instant end, int bodyBytes) {
        Envelope envelope = new Envelope(kind, 2, 1, 0, version, end.getEpochSecond(), List.of(RANDOM.nextLong() | 1));
        return Arrays.copyOf(envelope.bytes(), Envelope.BYTES + bodyBytes);
    }
}
