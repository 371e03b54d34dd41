package dev.coatcheck.test;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Keys and values as a manager makes them: an envelope, then bytes that mean nothing to a store. For tests of stores; for many threads. */
public final class SampleValue {
    /** How long what has no end of its own may live, from its making on. */
    private static final Duration LIFE = Duration.ofHours(12);

    private static final SecureRandom RANDOM = new SecureRandom();

    private SampleValue() {}

    /** A key that was never used. */
    public static SessionStore.Key key() {
        byte[] bytes = new byte[24];
        RANDOM.nextBytes(bytes);
        return SessionStore.Key.of(Base64.getUrlEncoder().encodeToString(bytes));
    }

    /** A session's record with 100 bytes behind the envelope, which ends in twelve hours. */
    public static byte[] live(int version) {
        return live(version, 100);
    }

    /** A session's record with so many bytes behind the envelope, which ends in twelve hours. */
    public static byte[] live(int version, int bytes) {
        return live(version, new byte[bytes], Instant.now().plus(LIFE));
    }

    /** A session's record with a text behind the envelope, which ends in twelve hours. */
    public static byte[] live(int version, String body) {
        return live(version, body, Instant.now().plus(LIFE));
    }

    /** A session's record. */
    static byte[] live(int version, String body, Instant end) {
        return live(version, body.getBytes(StandardCharsets.UTF_8), end);
    }

    static byte[] live(int version, byte[] body, Instant end) {
        return value(Envelope.Kind.LIVE, version, body, end);
    }

    /** What ends a key: a pointer or a marker. */
    public static byte[] terminal(Envelope.Kind kind, Instant end) {
        return value(kind, Envelope.TERMINAL_VERSION, "somewhere else".getBytes(StandardCharsets.UTF_8), end);
    }

    /** The mark of an end, which the manager writes where a session is still to come: an envelope alone. */
    static byte[] tomb(Instant end) {
        return value(Envelope.Kind.TOMB, Envelope.TERMINAL_VERSION, new byte[0], end);
    }

    /** The next version of a session's record, as long as this one, which shows what it was made from. */
    public static byte[] after(byte[] value) {
        return after(value, new byte[value.length - Envelope.BYTES]);
    }

    /** The next version of a session's record, which shows what it was made from. */
    static byte[] after(byte[] value, String body) {
        return after(value, body.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] after(byte[] value, byte[] body) {
        Envelope seen = Envelope.of(value);
        List<Long> writeIds = new ArrayList<>(seen.writeIds().subList(0, Envelope.WRITE_IDS - 1));
        writeIds.add(0, writeId());
        return value(new Envelope(Envelope.Kind.LIVE, 2, 0, 0, seen.version() + 1, seen.end(), writeIds), body);
    }

    private static long writeId() {
        return RANDOM.nextLong() | 1;
    }

    private static byte[] value(Envelope.Kind kind, int version, byte[] body, Instant end) {
        return value(new Envelope(kind, 2, 0, 0, version, end.getEpochSecond(), List.of(writeId())), body);
    }

    private static byte[] value(Envelope envelope, byte[] body) {
        byte[] value = Arrays.copyOf(envelope.bytes(), Envelope.BYTES + body.length);
        System.arraycopy(body, 0, value, Envelope.BYTES, body.length);
        return value;
    }

    /** What stands behind the envelope. */
    static String body(byte[] value) {
        return new String(value, Envelope.BYTES, value.length - Envelope.BYTES, StandardCharsets.UTF_8);
    }
}
