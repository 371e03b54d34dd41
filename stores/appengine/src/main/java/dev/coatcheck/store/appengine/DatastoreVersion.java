package dev.coatcheck.store.appengine;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore.Version;

/**
 * One state of one entity.
 *
 * @param number the version
 * @param writeId the write that made it
 */
record DatastoreVersion(long number, long writeId) implements Version {
    /** Of what has expired, whichever it is: its time alone decides. */
    static final DatastoreVersion EXPIRED = new DatastoreVersion(0, 0);

    static DatastoreVersion of(Envelope envelope) {
        return new DatastoreVersion(envelope.version(), envelope.writeIds().get(0));
    }

    /** Hides all. */
    @Override
    public String toString() {
        return "Version[hidden]";
    }
}
