package dev.coatcheck;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The 80 bytes in clear ahead of every stored value, for stores that look into values. They are bound into the seal, so
 * the manager notices when anything but the store's own four bits was changed. Numbers are big-endian.
 *
 * @param kind what the value is
 * @param leaseClass the class of the key's lease, a place in a fixed table from 0; of a pointer, that of its target
 * @param ringKey the number of the key that signs the id, 1 to 15; 0 without a ring
 * @param storeBits four bits of the store's own; 0 wherever the manager sees them
 * @param version 1 at create, one more at each replace, up to {@link #LAST_VERSION}; {@link #TERMINAL_VERSION} for what ends a key
 * @param end epoch seconds: the absolute deadline of a session; of what ends a key, how long it must be kept
 * @param writeIds the last eight write ids, newest first, unused places zero: 16 random bits of the try, then 48 of the commit
 */
public record Envelope(
        Kind kind, int leaseClass, int ringKey, int storeBits, int version, long end, List<Long> writeIds) {

    /** The envelope's length. */
    public static final int BYTES = 80;

    /** The highest version of a session; after it the id changes. */
    public static final int LAST_VERSION = (1 << 20) - 3;

    /** The version of what ends a key: newer than every session. */
    public static final int TERMINAL_VERSION = (1 << 20) - 1;

    /** How many write ids are kept. */
    public static final int WRITE_IDS = 8;

    static final byte FORMAT = 0x35;
    static final byte NEXT_FORMAT = 0x5A;

    /** What a stored value is. */
    public enum Kind {
        /** A session. */
        LIVE(1),
        /** A pointer from an old id to the new one, after a rotation of the same privilege. */
        FORWARD(2),
        /** The mark of an old id that leads nowhere. */
        MARKER(3),
        /** A record that is on its way to another node; written by stores. */
        MOVED(4),
        /** A tombstone; written by stores. */
        TOMB(5),
        /** An envelope alone, as witness of a write; written by stores. */
        STUB(6),
        /** A user's list of sessions. */
        INDEX(7),
        /** A session in two parts, of which the second is for a cache alone. */
        SPLIT(8);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /** Whether the value ends its key: nothing follows it but its own end. */
        public boolean isTerminal() {
            return this == FORWARD || this == MARKER || this == MOVED || this == TOMB;
        }

        /** Whether the value is a session that is alive. */
        public boolean isSession() {
            return this == LIVE || this == SPLIT;
        }

        private static Kind of(int code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("Not a stored value: kind " + code);
        }
    }

    /** Checks ranges and pads the write ids to eight. */
    public Envelope {
        if (leaseClass < 0
                || leaseClass > 15
                || ringKey < 0
                || ringKey > 15
                || storeBits < 0
                || storeBits > 15
                || version < 1
                || version > TERMINAL_VERSION
                || writeIds.size() > WRITE_IDS) {
            throw new IllegalArgumentException("Not an envelope: a field is out of range");
        }
        if (writeIds.size() < WRITE_IDS) {
            Long[] padded = new Long[WRITE_IDS];
            Arrays.fill(padded, 0L);
            for (int i = 0; i < writeIds.size(); i++) {
                padded[i] = writeIds.get(i);
            }
            writeIds = List.of(padded);
        } else {
            writeIds = List.copyOf(writeIds);
        }
    }

    /** A tombstone: 80 bytes that are a value by themselves, under which there is nothing until its end. */
    public static Envelope tomb(Instant until) {
        return new Envelope(Kind.TOMB, 0, 0, 0, TERMINAL_VERSION, until.getEpochSecond() + 1, List.of());
    }

    /**
     * Reads the envelope of a stored value.
     *
     * @throws IllegalArgumentException when the value does not begin with one of this format
     */
    public static Envelope of(byte[] value) {
        if (value.length < BYTES || value[0] != FORMAT) {
            throw new IllegalArgumentException("Not a stored value of this format");
        }
        ByteBuffer in = ByteBuffer.wrap(value, 1, BYTES - 1);
        Kind kind = Kind.of(in.get());
        int leaseClass = in.get();
        int numbers = in.get() & 0xFF;
        int version = in.getInt();
        long end = in.getLong();
        Long[] writeIds = new Long[WRITE_IDS];
        for (int i = 0; i < WRITE_IDS; i++) {
            writeIds[i] = in.getLong();
        }
        return new Envelope(kind, leaseClass, numbers >> 4, numbers & 0xF, version, end, List.of(writeIds));
    }

    /** The 80 bytes. */
    public byte[] bytes() {
        ByteBuffer out = ByteBuffer.allocate(BYTES);
        out.put(FORMAT).put((byte) kind.code).put((byte) leaseClass).put((byte) (ringKey << 4 | storeBits));
        out.putInt(version).putLong(end);
        writeIds.forEach(out::putLong);
        return out.array();
    }

    /** Whether the value holds this very write, tries told apart. Zero is no write. */
    public boolean containsWrite(long writeId) {
        return writeId != 0 && writeIds.contains(writeId);
    }

    /** Whether the value holds the commit of this write, whichever try of it. */
    public boolean containsCommit(long writeId) {
        long commit = writeId & WriteId.COMMIT_BITS;
        return commit != 0 && writeIds.stream().anyMatch(id -> (id & WriteId.COMMIT_BITS) == commit);
    }

    /** The newest write. */
    long newestWrite() {
        return writeIds.get(0);
    }

    /** The list with one more write in front. */
    List<Long> writeIdsAfter(long writeId) {
        return writeIdsAfter(writeId, writeIds);
    }

    /** A list with one more write in front, cut to what is kept. */
    static List<Long> writeIdsAfter(long writeId, List<Long> before) {
        List<Long> next = new ArrayList<>(WRITE_IDS);
        next.add(writeId);
        next.addAll(before.subList(0, Math.min(before.size(), WRITE_IDS - 1)));
        return next;
    }
}
