package dev.coatcheck.store.jdbc;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore.Version;

/**
 * One state of one row. The number alone would not do: after a failover to a replica that was behind, another write may get
 * the number of one that was lost.
 *
 * @param number the version
 * @param writeId the write that made it
 */
record JdbcVersion(long number, long writeId) implements Version {
    static JdbcVersion of(Envelope envelope) {
        return new JdbcVersion(envelope.version(), envelope.writeIds().get(0));
    }

    /** Hides all. */
    @Override
    public String toString() {
        return "Version[hidden]";
    }
}
