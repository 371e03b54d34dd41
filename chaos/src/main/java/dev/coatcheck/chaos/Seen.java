package dev.coatcheck.chaos;

import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A session's content as a request found it. Every value bears the number of the life that it belongs to, and that of the
 * entry that wrote it.
 *
 * @param left one of the two that are always set together
 * @param right the other
 */
record Seen(
        long owner,
        List<Long> log,
        int count,
        @Nullable Long first,
        @Nullable Long second,
        @Nullable Long left,
        @Nullable Long right,
        @Nullable Long gift,
        @Nullable String user) {

    static final SessionKey<Long> OWNER = SessionKey.of("owner", Long.class);
    static final SessionKey<List<Long>> LOG = SessionKey.listOf("log", Long.class);
    static final SessionKey<Integer> COUNT = SessionKey.of("count", Integer.class);
    static final SessionKey<Long> FIRST = SessionKey.of("first", Long.class);
    static final SessionKey<Long> SECOND = SessionKey.of("second", Long.class);
    static final SessionKey<Long> LEFT = SessionKey.of("left", Long.class);
    static final SessionKey<Long> RIGHT = SessionKey.of("right", Long.class);
    static final SessionKey<Long> GIFT = SessionKey.of("gift", Long.class);

    private static final long ENTRIES = 10_000;

    /** Null where there is no session. */
    static @Nullable Seen of(Session session) {
        Long owner = session.get(OWNER);
        return owner == null
                ? null
                : new Seen(
                        owner,
                        List.copyOf(Objects.requireNonNullElse(session.get(LOG), List.of())),
                        Objects.requireNonNullElse(session.get(COUNT), 0),
                        session.get(FIRST),
                        session.get(SECOND),
                        session.get(LEFT),
                        session.get(RIGHT),
                        session.get(GIFT),
                        session.userId());
    }

    /** The value that an entry of a life writes. */
    static long value(long life, int entry) {
        return life * ENTRIES + entry;
    }

    static long lifeOf(long value) {
        return value / ENTRIES;
    }

    static int entryOf(long value) {
        return (int) (value % ENTRIES);
    }

    static String user(long life) {
        return "user-" + life;
    }

    @Nullable
    Long in(Register register) {
        return switch (register) {
            case FIRST -> first;
            case SECOND -> second;
            case PAIR -> left;
            case GIFT -> gift;
            case USER -> user == null ? null : user.equals(user(owner)) ? value(owner, 0) : value(0, 0);
        };
    }
}
