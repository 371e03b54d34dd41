package dev.coatcheck;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A store that may forget, in front of a {@link DurableSessionStore}: what {@link TieredSessionStore} needs of it beyond a
 * store's own verbs.
 *
 * <p>Under a key that exists already it only ever gets a value by {@link #replace}, in place of a state that it has shown: the
 * value before, or a claim that was there before the durable store was asked. So no late answer brings back what has changed
 * meanwhile.
 */
public interface SessionCache extends SessionStore {

    /**
     * Reads a value and renews its lease, as {@link #load} does. Where nothing is, a claim of a few seconds is left, so that
     * of many callers one asks the durable store. One round trip.
     *
     * @throws SessionUnavailableException when the cache cannot say
     */
    Cached claim(Key key, Duration lease);

    /**
     * Ends a key by a mark that stays until then, whatever is there: nothing is claimed or filled under it, and a node that
     * was away hands out no older value. One round trip. May be repeated.
     *
     * @return true when confirmed, false when the cache could not be reached in time
     */
    boolean bury(Key key, Instant until);

    /**
     * What is there, without renewing it and without leaving a claim. One round trip.
     *
     * @param lease that a value was stored or last loaded with, from which its idle time is counted
     * @return empty when there is nothing
     * @throws SessionUnavailableException when the cache cannot say
     */
    Optional<Cached> see(Key key, Duration lease);

    /**
     * How long what holds this key has answered without a break and as the same process; very long when it never was away.
     * A value that it hands out may be older than that break. No I/O.
     */
    Duration steadyFor(Key key);

    /**
     * Called once, before all other verbs, by the store in front of which it is put: whatever is not where its key leads can be
     * had from there, so that it need not be looked for elsewhere, nor brought from there. By default does nothing.
     */
    default void standInFront() {}

    /**
     * Whether it keeps each value at several nodes by itself. Such a one is refused in front of a durable store, which is the better
     * second copy. By default false.
     */
    default boolean keepsCopies() {
        return false;
    }

    /** What a cache has under a key. */
    sealed interface Cached {
        /** A value, a session's or an old id's. */
        record Found(Stored stored) implements Cached {}

        /**
         * No value, but a claim.
         *
         * @param claim to be handed to {@link SessionCache#replace}; its {@link Version#number()} is 0
         * @param own whether this very call has made it
         */
        record Claimed(Version claim, boolean own) implements Cached {}

        /** The mark of an end: there is nothing, for certain. */
        record Buried() implements Cached {}
    }
}
