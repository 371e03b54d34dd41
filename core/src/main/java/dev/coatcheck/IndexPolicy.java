package dev.coatcheck;

import dev.coatcheck.SessionManager.WhenFull;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How users' indexes are kept.
 *
 * @param missing the setting for want of which there are none; null where they are kept
 * @param maxSessions of one user; 0 for no limit but the index's own
 * @param whenFull what happens beyond it
 * @param longestLifetime of any session, by the settings of now
 * @param maxBytes of an index as stored
 */
record IndexPolicy(
        @Nullable String missing, int maxSessions, WhenFull whenFull, Duration longestLifetime, int maxBytes) {
    /** What an entry takes without its label, and with a rotation under way. */
    private static final int ENTRY_BYTES = 200;

    private static final int FEWEST_ENTRIES = 2;

    boolean isOn() {
        return missing == null;
    }

    /** Holds every session that the index names. */
    LeaseClass leaseClass() {
        return LeaseClass.holding(longestLifetime);
    }

    int maxEntries() {
        return Math.max(FEWEST_ENTRIES, Math.min(DeviceIndex.MAX_ENTRIES, maxBytes / ENTRY_BYTES));
    }
}
