package dev.coatcheck;

import org.jspecify.annotations.Nullable;

/** What came of a commit. */
sealed interface Committed {

    /** What is stored now; null for nothing. */
    default Sighting.@Nullable Live now() {
        if (this instanceof Kept kept) {
            return kept.live();
        }
        if (this instanceof Followed followed) {
            return followed.live();
        }
        return this instanceof Moved moved ? moved.live() : null;
    }

    /**
     * The session is stored where it was, or was not changed.
     *
     * @param shaky something in front of the store may still show an older one, so the browser is to remember the version
     */
    record Kept(Sighting.Live live, boolean shaky) implements Committed {}

    /** The changes went into the session that a pointer leads to; there is no cookie for who follows one. */
    record Followed(Sighting.Live live) implements Committed {}

    /** The session is stored under a new id, for which the browser needs this token. */
    record Moved(Sighting.Live live, SessionToken token) implements Committed {

        /** As for {@link Kept}: what was written again before it was given may be older in front of the store. */
        boolean shaky() {
            return live.envelope().version() > 1;
        }
    }

    /** The session ended meanwhile. */
    record Gone(boolean dropped) implements Committed {}
}
