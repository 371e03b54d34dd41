package dev.coatcheck;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What happened to a session. Ids are {@linkplain Session#id() public ones}, good for logs.
 *
 * @param kind what happened
 * @param id the session's id; null where none is known, as for a rejected cookie, or a session that ended unseen
 * @param previousId the id before a rotation; else null
 * @param userId the user who was signed in; null for nobody or where it is not known
 * @param at when, by the manager's clock
 */
public record SessionEvent(
        Kind kind,
        @Nullable String id,
        @Nullable String previousId,
        @Nullable String userId,
        Instant at) {

    /** The event without the user. */
    @Override
    public String toString() {
        return "SessionEvent[" + kind + ", id=" + id + (previousId == null ? "" : ", previousId=" + previousId)
                + ", at=" + at + "]";
    }

    /** What can happen. */
    public enum Kind {
        /** A session was stored for the first time. */
        CREATED,
        /** A session has a new id. */
        ROTATED,
        /** A session was ended by its own user or by {@code invalidate}. */
        LOGGED_OUT,
        /** A session was ended from outside, as one of a user's devices. */
        SIGNED_OUT,
        /** A session was found past a deadline and ended: by a request, or by the sweep of a database, which knows no id. */
        EXPIRED,
        /**
         * The store threw a live session out for lack of room; memcached, which does not say which, one or more since it was
         * last asked.
         */
        EVICTED,
        /** A newer record is proven to have existed and no copy of it is left. */
        LOST,
        /** Two requests changed the same attribute; the later one won, or the commit failed. */
        CONFLICT,
        /** A late change of an ended session was dropped, or a forged cookie refused. */
        REJECTED,
        /** One request brought two different live sessions; neither was used. */
        DUPLICATE,
        /** A stored value is not what was sealed. */
        CORRUPT,
        /**
         * The store could not answer, a write has fewer copies than it should, or a change could not wait for the database as
         * it was to.
         */
        DEGRADED,
        /** A session was ended, but the store has not confirmed it yet. */
        UNCONFIRMED
    }
}
