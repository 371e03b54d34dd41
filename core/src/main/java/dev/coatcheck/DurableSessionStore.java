package dev.coatcheck;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A store that does not forget, alone or behind a {@link SessionCache}: what {@link TieredSessionStore} and the sweep of
 * expired sessions need of it beyond a store's own verbs. All times are by its own clock.
 *
 * <p>Its {@link SessionStore#replace} takes the new version's number from the value's {@link Envelope}, so that a store
 * which fell back to an older state can be given the newer one that a cache still has.
 */
public interface DurableSessionStore extends SessionStore {

    /** False: what is stored stays until its lease is over. */
    @Override
    default boolean mayForget() {
        return false;
    }

    /** The version under which a value with this envelope is stored here. No I/O. */
    Version version(Envelope envelope);

    /**
     * Lets a value live for so long from now on, while this version is there: also one whose lease is over and which was not
     * swept yet. One statement.
     *
     * @return false when another version is there, or nothing
     * @throws SessionUnavailableException when it is not known
     */
    @Override
    boolean renew(Key key, Version seen, Duration lease);

    /**
     * Values whose lease is over, the oldest first, for a sweep. What {@link #load} no longer shows is still there until it is
     * swept. One statement.
     *
     * @param limit how many at most
     */
    List<Expired> expired(int limit);

    /**
     * Deletes what has expired, if it is still that and still expired. Of all callers one gets true. One statement, or two
     * where the database cannot tell what it deleted.
     */
    boolean sweep(Expired expired);

    /** True. */
    @Override
    default boolean needsSweep() {
        return true;
    }

    /** Deletes what has expired. A statement to list it, and one or two for each. */
    @Override
    default List<Key> sweep(int limit) {
        List<Key> ended = new ArrayList<>();
        for (Expired expired : expired(limit)) {
            if (sweep(expired)) {
                ended.add(expired.key());
            }
        }
        return ended;
    }

    /**
     * A value whose lease is over.
     *
     * @param key its key
     * @param version the version that was seen
     */
    record Expired(Key key, Version version) {}
}
