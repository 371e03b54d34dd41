package dev.coatcheck;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a commit is to do, taken from the request's state at one moment. */
sealed interface Plan {

    /** The changes that it stores. */
    List<Change> changes();

    /** The new id that it gives; null when the id stays. */
    default @Nullable Move move() {
        return null;
    }

    /** A session that was not there. */
    record Create(
            SessionRecord session,
            SessionToken token,
            List<Change> changes,
            @Nullable Move move,
            DeviceHint hint) implements Plan {}

    /**
     * Changes of a session under its id.
     *
     * @param followed whether a pointer led to it, so that its browser gets no cookie
     */
    record Save(Sighting.Live live, List<Change> changes, boolean followed) implements Plan {}

    /** Changes of a session that gets a new id. */
    record Rotate(Sighting.Live live, List<Change> changes, Move move, SessionToken token, DeviceHint hint)
            implements Plan {}

    /** The end of a session whose guarded attribute cannot be read. */
    record End(Sighting.Live live) implements Plan {
        @Override
        public List<Change> changes() {
            return List.of();
        }
    }
}
