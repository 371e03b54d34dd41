package dev.coatcheck;

import dev.coatcheck.RecordCodec.MalformedRecordException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;

/**
 * What lies under an old id for a short while after a rotation: a pointer to the new session when the privilege is the same,
 * or a marker that leads nowhere. The parallel requests of the same page bring the old id; so may a thief, which is why a
 * pointer holds no secret and nobody who follows it gets a cookie.
 */
sealed interface OldId {
    /** How long an old id is answered at all. */
    Duration GRACE = Duration.ofSeconds(15);

    /** How many pointers are followed, one behind another. */
    int MAX_HOPS = 3;

    /** The moment from which the old id is worthless. */
    Instant graceEnd();

    /** The text under the seal. */
    byte[] bytes();

    /** Leads to the session's new address. */
    record Pointer(Address target, Instant graceEnd) implements OldId {
        private static final int KEY_CHARS = 32;
        private static final int SEAL_KEY_BYTES = 32;
        private static final int ID_CHARS = 20;
        private static final int BYTES = Long.BYTES + 2 + KEY_CHARS + SEAL_KEY_BYTES + ID_CHARS;

        @Override
        public byte[] bytes() {
            return ByteBuffer.allocate(BYTES)
                    .putLong(graceEnd.toEpochMilli())
                    .put((byte) target.leaseClass().ordinal())
                    .put((byte) target.ringKey())
                    .put(target.key().text().getBytes(StandardCharsets.US_ASCII))
                    .put(target.sealKey())
                    .put(target.id().getBytes(StandardCharsets.US_ASCII))
                    .array();
        }

        static Pointer decode(byte[] bytes) throws MalformedRecordException {
            if (bytes.length != BYTES) {
                throw new MalformedRecordException("Not a pointer");
            }
            ByteBuffer in = ByteBuffer.wrap(bytes);
            Instant graceEnd = Instant.ofEpochMilli(in.getLong());
            int leaseClass = in.get();
            int ringKey = in.get();
            String key = ascii(in, KEY_CHARS);
            byte[] sealKey = new byte[SEAL_KEY_BYTES];
            in.get(sealKey);
            String id = ascii(in, ID_CHARS);
            if (!LeaseClass.isNumber(leaseClass) || ringKey < 0 || ringKey > 15) {
                throw new MalformedRecordException("Not a pointer");
            }
            try {
                return new Pointer(
                        new Address(SessionStore.Key.of(key), sealKey, LeaseClass.of(leaseClass), ringKey, id),
                        graceEnd);
            } catch (IllegalArgumentException e) {
                throw new MalformedRecordException("Not a pointer");
            }
        }

        private static String ascii(ByteBuffer in, int length) {
            byte[] bytes = new byte[length];
            in.get(bytes);
            return new String(bytes, StandardCharsets.US_ASCII);
        }
    }

    /** Leads nowhere; the seed lets a form that was sent twice be told from a forged one. */
    record Marker(byte[] csrfSeed, Instant graceEnd) implements OldId {
        private static final int BYTES = Long.BYTES + CsrfToken.SEED_BYTES;

        @Override
        public byte[] bytes() {
            return ByteBuffer.allocate(BYTES)
                    .putLong(graceEnd.toEpochMilli())
                    .put(csrfSeed)
                    .array();
        }

        static Marker decode(byte[] bytes) throws MalformedRecordException {
            if (bytes.length != BYTES) {
                throw new MalformedRecordException("Not a marker");
            }
            ByteBuffer in = ByteBuffer.wrap(bytes);
            Instant graceEnd = Instant.ofEpochMilli(in.getLong());
            byte[] seed = new byte[CsrfToken.SEED_BYTES];
            in.get(seed);
            return new Marker(seed, graceEnd);
        }

        /** Hides the seed. */
        @Override
        public String toString() {
            return "Marker[graceEnd=" + graceEnd + "]";
        }
    }
}
