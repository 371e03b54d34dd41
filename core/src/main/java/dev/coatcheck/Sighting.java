package dev.coatcheck;

import dev.coatcheck.SessionStore.Version;
import java.time.Duration;

/** What a look under a session's key has shown. */
sealed interface Sighting {

    /** A session that is alive. */
    record Live(
            Address address,
            SessionRecord session,
            byte[] plaintext,
            Envelope envelope,
            Version version,
            Duration idleFor,
            boolean renewalDue)
            implements Sighting {

        /** What has just been stored as these bytes. */
        static Live stored(Address address, SessionRecord session, byte[] plaintext, byte[] value, Version version) {
            return new Live(address, session, plaintext, Envelope.of(value), version, Duration.ZERO, false);
        }

        /** The id alone. */
        @Override
        public String toString() {
            return "Live[" + address.id() + "]";
        }
    }

    /** What a rotation left under the old id, still within its grace. */
    record Old(OldId left, Envelope envelope) implements Sighting {}

    /**
     * No session.
     *
     * @param certain whether the store said that there is nothing, so that it may be remembered for a moment; false for what
     *     was past a deadline or not what was sealed
     */
    record Absent(boolean certain) implements Sighting {}

    /** The store cannot say. */
    record Away(SessionUnavailableException cause) implements Sighting {}
}
