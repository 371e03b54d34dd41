package dev.coatcheck.store.appengine;

import com.google.appengine.api.datastore.Blob;
import com.google.appengine.api.datastore.Entity;
import com.google.appengine.api.datastore.Key;
import dev.coatcheck.Envelope;
import java.time.Instant;
import java.util.Date;
import org.jspecify.annotations.Nullable;

/**
 * An entity: {@code content}, the version and the write that it is from, {@code accessedAt}, and {@code expiresAt}, which alone is indexed, for a sweep or
 * a policy of Datastore's own.
 */
record Row(byte[] content, DatastoreVersion version, Instant accessedAt, Instant expiresAt) {
    static final String EXPIRES_AT = "expiresAt";

    private static final String CONTENT = "content";
    private static final String VERSION = "version";
    private static final String WRITE_ID = "writeId";
    private static final String ACCESSED_AT = "accessedAt";

    /** Of a new value. */
    static Row of(byte[] value, Envelope envelope, Instant now, Instant expiresAt) {
        return new Row(value, DatastoreVersion.of(envelope), now, expiresAt);
    }

    /** What is none of ours is a value that is none, and lasts as long as it says, or for ever. */
    static Row of(Entity entity) {
        if (entity.getProperty(CONTENT) instanceof Blob content
                && entity.getProperty(VERSION) instanceof Long version
                && entity.getProperty(WRITE_ID) instanceof Long writeId
                && entity.getProperty(ACCESSED_AT) instanceof Date accessedAt
                && entity.getProperty(EXPIRES_AT) instanceof Date expiresAt) {
            return new Row(
                    content.getBytes(),
                    new DatastoreVersion(version, writeId),
                    accessedAt.toInstant(),
                    expiresAt.toInstant());
        }
        Instant end = entity.getProperty(EXPIRES_AT) instanceof Date expiresAt ? expiresAt.toInstant() : Instant.MAX;
        return new Row(new byte[0], DatastoreVersion.EXPIRED, Instant.MAX, end);
    }

    Entity entity(Key key) {
        Entity entity = new Entity(key);
        entity.setUnindexedProperty(CONTENT, new Blob(content));
        entity.setUnindexedProperty(VERSION, version.number());
        entity.setUnindexedProperty(WRITE_ID, version.writeId());
        entity.setUnindexedProperty(ACCESSED_AT, Date.from(accessedAt));
        entity.setIndexedProperty(EXPIRES_AT, Date.from(expiresAt));
        return entity;
    }

    Row renewed(Instant now, Instant until) {
        return new Row(content, version, now, until);
    }

    boolean isExpired(Instant now) {
        return !now.isBefore(expiresAt);
    }

    /** Null where the content does not begin with one. */
    @Nullable
    Envelope envelope() {
        try {
            return Envelope.of(content);
        } catch (IllegalArgumentException notOurs) {
            return null;
        }
    }

    /** Whether it was made by this write, or has come after it. */
    boolean contains(DatastoreVersion write) {
        Envelope envelope = envelope();
        return version.equals(write) || envelope != null && envelope.containsWrite(write.writeId());
    }

    /** Hides the content. */
    @Override
    public String toString() {
        return "Row[" + content.length + " bytes]";
    }
}
