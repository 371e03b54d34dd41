package dev.coatcheck.store.appengine;

import com.google.appengine.api.memcache.MemcacheService.IdentifiableValue;
import dev.coatcheck.Envelope;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What memcache holds under a key: one byte that says what it is, eight with the milliseconds of its last renewal, and the content. Always
 * bytes, which the service's client neither serializes nor shows in its messages.
 *
 * @param usedAt when it was written or renewed
 * @param content a value as the manager made it; of what is none of ours, all of it
 */
record CacheItem(Kind kind, Instant usedAt, byte[] content, CacheVersion version) {
    private static final int HEADER = 1 + Long.BYTES;
    private static final byte[] NOTHING = {};

    /** What it is. */
    enum Kind {
        /** A session, an old id or a list. */
        VALUE(1),
        /** Somebody asks the durable store, and will put its answer here. */
        CLAIM(2),
        /** The mark of an end. */
        MARK(3),
        /** None of ours. */
        FOREIGN(0);

        private final byte code;

        Kind(int code) {
            this.code = (byte) code;
        }
    }

    /** The bytes of a value, or of a mark where the value is one. */
    static byte[] bytes(byte[] value, Envelope envelope, Instant now) {
        return bytes(envelope.kind() == Envelope.Kind.TOMB ? Kind.MARK : Kind.VALUE, now, value);
    }

    static byte[] claim(long token, Instant now) {
        return bytes(
                Kind.CLAIM, now, ByteBuffer.allocate(Long.BYTES).putLong(token).array());
    }

    static byte[] mark(Instant until, Instant now) {
        return bytes(Kind.MARK, now, Envelope.tomb(until).bytes());
    }

    private static byte[] bytes(Kind kind, Instant now, byte[] content) {
        return ByteBuffer.allocate(HEADER + content.length)
                .put(kind.code)
                .putLong(now.toEpochMilli())
                .put(content)
                .array();
    }

    /** The same value, renewed now. */
    byte[] renewed(Instant now) {
        return bytes(kind, now, content);
    }

    static CacheItem of(IdentifiableValue seen) {
        byte[] bytes = seen.getValue() instanceof byte[] ours ? ours : NOTHING;
        Kind kind = kind(bytes);
        if (kind == Kind.FOREIGN) {
            return new CacheItem(kind, Instant.MAX, bytes.clone(), new CacheVersion(0, 0, seen));
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
        Instant usedAt = Instant.ofEpochMilli(in.getLong());
        byte[] content = Arrays.copyOfRange(bytes, HEADER, bytes.length);
        if (kind == Kind.CLAIM) {
            return new CacheItem(kind, usedAt, content, new CacheVersion(0, in.getLong(), seen));
        }
        Envelope envelope = envelope(content);
        CacheVersion version = envelope == null ? new CacheVersion(0, 0, seen) : CacheVersion.of(envelope);
        return new CacheItem(kind, usedAt, content, new CacheVersion(version.number(), version.id(), seen));
    }

    /** What the service's client could not even read; nothing can take its place. */
    static CacheItem unreadable() {
        return new CacheItem(Kind.FOREIGN, Instant.MAX, NOTHING, new CacheVersion(0, 0, null));
    }

    private static Kind kind(byte[] bytes) {
        for (Kind kind : Kind.values()) {
            if (bytes.length >= HEADER && bytes[0] == kind.code) {
                boolean whole = kind != Kind.CLAIM || bytes.length == HEADER + Long.BYTES;
                return whole ? kind : Kind.FOREIGN;
            }
        }
        return Kind.FOREIGN;
    }

    /** Null where the content does not begin with one. */
    @Nullable
    Envelope envelope() {
        return envelope(content);
    }

    private static @Nullable Envelope envelope(byte[] content) {
        try {
            return Envelope.of(content);
        } catch (IllegalArgumentException notOurs) {
            return null;
        }
    }

    /** Hides the content. */
    @Override
    public String toString() {
        return "CacheItem[" + kind + ", " + content.length + " bytes]";
    }
}
