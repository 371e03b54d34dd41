package dev.coatcheck;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Why a session gets a new id, and what of the old record goes along.
 *
 * @param reason decides what the old id is worth afterwards
 * @param carry from the old record, or from null where nothing is left of it, to the one that this request's changes are
 *     applied to; pure
 */
record Move(Reason reason, UnaryOperator<@Nullable SessionRecord> carry) {

    /** Why. */
    enum Reason {
        /** The same privilege: the old id leads to the new session for a short while. */
        ROTATE,
        /** A new privilege may follow: the old id is worthless at once. */
        CHANGE_ID,
        /** Somebody signs in: the old id is worthless at once, and nothing stops it. */
        LOGIN
    }

    /** The record under the new id before this request's changes. */
    SessionRecord carried(@Nullable SessionRecord old) {
        return Objects.requireNonNull(carry.apply(old), "a record");
    }

    /**
     * The record under the new id with this request's changes. What the request took from the old record was taken, also
     * where it does not go along.
     */
    SessionRecord applied(List<Change> changes, @Nullable SessionRecord old) {
        SessionRecord session = carried(old);
        Set<String> changed = new HashSet<>();
        for (Change change : changes) {
            if (old != null
                    && change instanceof Change.Take take
                    && !changed.contains(take.name())
                    && take.seen().equals(old.attribute(take.name()))) {
                session = session.with(take.name(), take.seen());
            }
            String name = change instanceof Change.Update update ? update.name() : change.overwrites();
            if (name != null) {
                changed.add(name);
            }
        }
        return Change.applyAll(changes, session);
    }
}
