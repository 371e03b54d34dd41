package dev.coatcheck;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One of a user's sessions, for a page that lists them.
 *
 * @param id a random handle, which stays when the session's id changes: good for a form, since it ends nothing but a session of
 *     the user whom it is given with
 * @param signedInAt when the user signed in there
 * @param lastSeenAt when the session was used last; listing devices does not count
 * @param label what {@link SessionManager.Builder#deviceLabel} made of the user agent: at most 120 characters without
 *     controls; null when nothing did
 * @param address where the user signed in from, when {@link SessionManager.Builder#deviceAddress} is on; else null
 * @param current whether it is the session that was asked by; always false when only a user was named
 */
public record Device(
        String id,
        Instant signedInAt,
        Instant lastSeenAt,
        @Nullable String label,
        @Nullable String address,
        boolean current) {

    /** Without handle, label and address. */
    @Override
    public String toString() {
        return "Device[signedInAt=" + signedInAt + ", lastSeenAt=" + lastSeenAt + ", current=" + current + "]";
    }
}
