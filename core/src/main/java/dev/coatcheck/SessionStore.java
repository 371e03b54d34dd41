package dev.coatcheck;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps opaque values under opaque keys, each with a version and a lease. All that is about sessions (sealing, merging,
 * deadlines, retries) is done by the manager, so that a store is small.
 *
 * <p>Three outcomes are never mixed up: <em>absent</em> (an empty answer, only when nothing that could hold the value was
 * out of reach), <em>unavailable</em> ({@link SessionUnavailableException}) and <em>corrupt</em> (the manager's verdict).
 * There is no unconditional write: a key that was ended cannot come back by a slower writer. A key is created at most once;
 * after an unknown outcome the manager draws another.
 *
 * <p>Implementations are safe for use by many threads, hold no lock around I/O, and bound every call by a deadline.
 */
public interface SessionStore extends AutoCloseable {

    /**
     * Opens the store that a URL names, as {@code embedded:}. Providers are found by {@link java.util.ServiceLoader}.
     *
     * @throws IllegalArgumentException when no provider knows the scheme (the message names those that are known), or the
     *     provider refuses the URL
     */
    static SessionStore open(String url) {
        return StoreUrls.open(url);
    }

    /**
     * Reads a value and renews its lease. One round trip. A store that cannot do both in one says so in
     * {@link Stored#renewalDue}, when it is time.
     *
     * @param lease from now on, if the value is found
     * @return the value, or empty when there is none, for certain
     * @throws SessionUnavailableException when the store cannot say
     */
    Optional<Stored> load(Key key, Duration lease);

    /** As {@link #load}, past every cache that the store itself keeps in front of the truth. By default the same. */
    default Optional<Stored> loadFresh(Key key, Duration lease) {
        return load(key, lease);
    }

    /**
     * Reads a value and leaves its lease as it is, to look at a session without using it. One round trip.
     *
     * @param lease that the value was stored or last loaded with, from which the idle time is counted
     * @return the value, or empty when there is none, for certain
     * @throws SessionUnavailableException when the store cannot say
     */
    Optional<Stored> peek(Key key, Duration lease);

    /**
     * Stores a value under a key that does not exist yet. One round trip. The value may be a tombstone, an {@link Envelope} of
     * the kind {@link Envelope.Kind#TOMB} alone: it takes the key of a session whose user was signed out before it was there.
     *
     * @return {@link Outcome#STORED} with version 1, {@link Outcome#EXISTS}, or {@link Outcome#UNKNOWN}
     * @throws SessionUnavailableException when the value is not stored, for certain
     */
    Written create(Key key, byte[] value, Duration lease);

    /**
     * Stores a value in place of the version that was seen, and of no other. One round trip.
     *
     * @return {@link Outcome#STORED} with the next version, {@link Outcome#CONFLICT} when another version is there,
     *     {@link Outcome#GONE} when nothing is, or {@link Outcome#UNKNOWN}
     * @throws SessionUnavailableException when the value is not stored, for certain
     */
    Written replace(Key key, byte[] value, Version seen, Duration lease);

    /**
     * Renews the lease of a value that was {@linkplain Stored#renewalDue loaded without}. The manager calls it at the end of a request
     * that has not stored the session, which renews as well. One round trip. By default there is nothing to do.
     *
     * @param lease from now on
     * @return false when another version is there, or nothing
     * @throws SessionUnavailableException when it is not known
     */
    default boolean renew(Key key, Version seen, Duration lease) {
        return true;
    }

    /**
     * Ends a key: no slower writer and no returning node brings it back before {@code until}. A store with one copy
     * deletes and ignores the time. May be repeated; ending what is not there is confirmed too.
     *
     * @return true when confirmed, false when the store could not be reached in time
     */
    boolean end(Key key, Instant until);

    /**
     * Ends a key while this version is there, and does nothing while another is: so a log-out ends the session that it has
     * seen, and not the pointer to a new id that another request has put in its place. One round trip. May be repeated.
     *
     * @return {@link Outcome#GONE} when it is confirmed that nothing is left, {@link Outcome#CONFLICT} when another version
     *     is there, {@link Outcome#UNKNOWN} when the store could not be reached in time
     */
    Outcome end(Key key, Version seen, Instant until);

    /** Whether what has expired stays until {@link #sweep} is called. By default not. */
    default boolean needsSweep() {
        return false;
    }

    /**
     * Deletes what has expired, in a store that {@linkplain #needsSweep() does not do so by itself}. Managers call it now and
     * then, behind the requests. By default there is nothing to do.
     *
     * @param limit how many at most
     * @return what this very call has ended: in a cluster each key is told to one caller
     * @throws SessionUnavailableException when the store cannot be reached
     */
    default List<Key> sweep(int limit) {
        return List.of();
    }

    /**
     * Whether it may only be called by threads that serve requests, as the services of App Engine. Then nothing is done by other
     * threads: a manager tries unconfirmed ends again at the end of requests, does not {@link #sweep}, and asks for the
     * {@link #health} only when it is asked. By default false. No I/O.
     */
    default boolean needsRequestThread() {
        return false;
    }

    /**
     * A request that used its session is over: time for what a store does behind the answers, when it
     * {@linkplain #needsRequestThread needs a request's thread} for that. Never throws. By default there is nothing to do.
     */
    default void requestOver() {}

    /** Whether values leave this process, so that others may read or write them. If so, a key ring is required. */
    boolean leavesProcess();

    /**
     * How large a value may be, in bytes. A manager whose sessions may be larger is refused at its start. By default there is
     * no limit.
     */
    default int maxValueBytes() {
        return Integer.MAX_VALUE;
    }

    /**
     * Whether what this shows now is all that there is, so that an absence may be remembered: false while a node is away that may
     * hold more, and just after a change of nodes. By default true. No I/O.
     */
    default boolean settled() {
        return true;
    }

    /**
     * Whether a value may have been lost before the end of its lease, by an eviction or a restart, so that what is absent
     * proves nothing about the past. By default true. No I/O.
     */
    default boolean mayForget() {
        return true;
    }

    /**
     * How the store and its parts are. Bounded by the store's deadline; what is away is told and not thrown. By default it is
     * asked for a key that nobody has. One round trip or a few.
     */
    default StoreHealth health() {
        try {
            var ignored = peek(Key.of("health".repeat(5) + "--"), Duration.ofMinutes(5));
            return StoreHealth.of(StoreHealth.Part.up("store"));
        } catch (SessionUnavailableException away) {
            return StoreHealth.of(StoreHealth.Part.away("store", String.valueOf(away.getMessage())));
        }
    }

    /** Takes the receiver of what the store itself notices: evictions, degraded writes. By default it is not used. */
    default void report(BiConsumer<SessionEvent.Kind, Key> receiver) {}

    /** Frees what the store holds. Calls after it fail with {@link SessionUnavailableException}. */
    @Override
    void close();

    /** The name of a value in a store: 32 characters of base64url, of which nothing was chosen by a client. */
    final class Key implements Comparable<Key> {
        private final String text;

        Key(String text) {
            this.text = text;
        }

        /**
         * A key from its text, for stores that list what they hold and for tests.
         *
         * @throws IllegalArgumentException when it is not 32 characters of base64url
         */
        public static Key of(String text) {
            if (text.length() != 32 || !text.chars().allMatch(Key::isBase64Url)) {
                throw new IllegalArgumentException("A store key has 32 characters of base64url");
            }
            return new Key(text);
        }

        private static boolean isBase64Url(int c) {
            return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_';
        }

        /** The key's text, to send to the store. Not for logs: it leads to the stored value. */
        public String text() {
            return text;
        }

        @Override
        public int compareTo(Key other) {
            return text.compareTo(other.text);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && text.equals(key.text);
        }

        @Override
        public int hashCode() {
            return text.hashCode();
        }

        /** Hides the text. */
        @Override
        public String toString() {
            return "Key[hidden]";
        }
    }

    /** A store's own token for one state of one key; handed back to {@link #replace}. Its {@code toString} hides it. */
    interface Version {
        /** 1 after a create, one more after each replace. */
        long number();
    }

    /**
     * What was found.
     *
     * @param value the bytes as they were written; the caller's own
     * @param version to be handed to {@link #replace}
     * @param idleFor how long the value had not been loaded or written before this call; never negative
     * @param renewalDue whether this call has not renewed the lease, and {@link #renew} is to be called or the value to be stored
     */
    record Stored(byte[] value, Version version, Duration idleFor, boolean renewalDue) {

        /** Of a store whose calls see to the lease themselves. */
        public Stored(byte[] value, Version version, Duration idleFor) {
            this(value, version, idleFor, false);
        }

        /** Hides the value. */
        @Override
        public String toString() {
            return "Stored[" + value.length + " bytes]";
        }
    }

    /**
     * What became of a write.
     *
     * @param outcome what is certain
     * @param version the new version when {@link Outcome#STORED}, else null
     * @param degraded stored, but with fewer copies than the store should have
     */
    record Written(Outcome outcome, @Nullable Version version, boolean degraded) {

        /** Stored in full under this version. */
        public static Written stored(Version version) {
            return new Written(Outcome.STORED, Objects.requireNonNull(version), false);
        }

        /** Not stored, or not known to be: any outcome but {@link Outcome#STORED}. */
        public static Written not(Outcome outcome) {
            if (outcome == Outcome.STORED) {
                throw new IllegalArgumentException("STORED needs a version");
            }
            return new Written(outcome, null, false);
        }

        /** Hides the version. */
        @Override
        public String toString() {
            return "Written[" + outcome + (degraded ? ", degraded]" : "]");
        }
    }

    /** What is certain after a write. */
    enum Outcome {
        /** The value is there. */
        STORED,
        /** A create found the key taken. */
        EXISTS,
        /** A replace found another version. */
        CONFLICT,
        /** A replace found nothing, or the mark of an end. */
        GONE,
        /** The answer was lost: the write may have happened, or may still happen. */
        UNKNOWN
    }
}
