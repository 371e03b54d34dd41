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
            Duration idleFor)
            implements Sighting {
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
