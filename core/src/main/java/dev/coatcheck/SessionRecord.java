package dev.coatcheck;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A session's content, as it lies sealed in a store. Immutable; the arrays are never handed out to be changed.
 *
 * @param createdAt when the session was made, or its user signed in
 * @param deadline the absolute end
 * @param idleTimeout how long it may go unused
 * @param ownIdleTimeout whether that was set for this session, rather than by the manager's settings
 * @param remembered whether the longer pair of timeouts was asked for
 * @param login who is signed in; null for nobody
 * @param csrfSeed 18 bytes
 * @param extra header fields of a newer release, kept as they are
 * @param attributes by name, flash messages included
 */
record SessionRecord(
        Instant createdAt,
        Instant deadline,
        Duration idleTimeout,
        boolean ownIdleTimeout,
        boolean remembered,
        @Nullable Login login,
        byte[] csrfSeed,
        byte[] extra,
        SortedMap<String, Attribute> attributes) {
    static final String RESERVED_PREFIX = "coatcheck.";
    static final String FLASH = RESERVED_PREFIX + "flash";

    /** Who signed in on which device and when. */
    record Login(String userId, String device, Instant at) {
        @Override
        public String toString() {
            return "Login[at=" + at + "]";
        }
    }

    SessionRecord {
        attributes = Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
    }

    static SessionRecord empty(Instant now, Duration idleTimeout, Duration lifetime, byte[] csrfSeed) {
        return new SessionRecord(
                now, now.plus(lifetime), idleTimeout, false, false, null, csrfSeed, new byte[0], new TreeMap<>());
    }

    @Nullable
    String userId() {
        return login == null ? null : login.userId();
    }

    @Nullable
    Attribute attribute(String name) {
        return attributes.get(name);
    }

    /** With one attribute set, or removed where it is null. */
    SessionRecord with(String name, @Nullable Attribute attribute) {
        TreeMap<String, Attribute> changed = new TreeMap<>(attributes);
        if (attribute == null) {
            changed.remove(name);
        } else {
            changed.put(name, attribute);
        }
        return withAttributes(changed);
    }

    SessionRecord withAttributes(SortedMap<String, Attribute> changed) {
        return new SessionRecord(
                createdAt, deadline, idleTimeout, ownIdleTimeout, remembered, login, csrfSeed, extra, changed);
    }

    SessionRecord withIdleTimeout(Duration timeout) {
        return new SessionRecord(createdAt, deadline, timeout, true, remembered, login, csrfSeed, extra, attributes);
    }

    SessionRecord withDeadline(Instant end) {
        return new SessionRecord(
                createdAt, end, idleTimeout, ownIdleTimeout, remembered, login, csrfSeed, extra, attributes);
    }

    SessionRecord withCsrfSeed(byte[] seed) {
        return new SessionRecord(
                createdAt, deadline, idleTimeout, ownIdleTimeout, remembered, login, seed, extra, attributes);
    }

    /** With the longer pair of timeouts. */
    SessionRecord asRemembered(Duration idle, Instant end) {
        return new SessionRecord(createdAt, end, idle, false, true, login, csrfSeed, extra, attributes);
    }

    /** Of this user. */
    SessionRecord signedIn(Login by) {
        return new SessionRecord(
                createdAt, deadline, idleTimeout, ownIdleTimeout, remembered, by, csrfSeed, extra, attributes);
    }

    /** Hides everything but the deadlines. */
    @Override
    public String toString() {
        return "SessionRecord[createdAt=" + createdAt + ", deadline=" + deadline + ", attributes=" + attributes.size()
                + "]";
    }
}
