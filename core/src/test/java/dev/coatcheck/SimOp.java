package dev.coatcheck;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one request does to its session, and what it was told of it. */
final class SimOp {
    static final String LOG = "log";
    static final String GIFT = "gift";

    final int id;
    final Kind kind;
    final long startedAt;
    final Instant startTime;
    Outcome outcome = Outcome.PENDING;
    long toldAt;
    /** Whether only the jar that was told of it can be sure to see it, by a cookie for its current ticket. */
    boolean shaky;
    /** Whether the request brings its jar's current ticket and nothing else. */
    boolean current;
    /** Whether it ended in an exception. */
    boolean failed;
    /** Whether it does no harm twice. */
    boolean repeatable;

    @Nullable
    Attribute taken;

    /** What it is. */
    enum Kind {
        READ,
        /** A name of its own gets a value. */
        PUT,
        /** A list gets one more entry, by a function of what it is. */
        UPDATE,
        /** A one-time value is laid down. */
        OFFER,
        /** The one-time value is taken. */
        TAKE,
        ROTATE,
        CHANGE_ID,
        LOGIN,
        LOG_OUT
    }

    /** What the request was told. */
    enum Outcome {
        PENDING,
        ACKNOWLEDGED,
        /** Certainly not stored. */
        REFUSED,
        UNKNOWN
    }

    SimOp(int id, Kind kind, long startedAt, Instant startTime) {
        this.startTime = startTime;
        this.id = id;
        this.kind = kind;
        this.startedAt = startedAt;
    }

    /** The changes, on what was read. */
    List<Change> begin(SessionRecord session) {
        List<Change> changes = changes(session);
        repeatable = changes.stream().allMatch(Change::mayRunTwice);
        return changes;
    }

    private List<Change> changes(SessionRecord session) {
        Attribute value =
                new Attribute("i", 0, ByteBuffer.allocate(4).putInt(id).array());
        Attribute gift = session.attribute(GIFT);
        return switch (kind) {
            case PUT -> List.of(new Change.Put("p" + id, value));
            case OFFER -> List.of(new Change.Put("p" + id, value), new Change.Put(GIFT, value));
            case TAKE -> {
                taken = gift;
                Change put = new Change.Put("p" + id, value);
                yield gift == null ? List.of(put) : List.of(put, new Change.Take(GIFT, gift));
            }
            default -> List.of(new Change.Update(LOG, this::append));
        };
    }

    private Attribute append(@Nullable Attribute old) {
        byte[] before = old == null ? new byte[0] : old.bytes();
        return new Attribute(
                "i",
                0,
                ByteBuffer.allocate(before.length + 4).put(before).putInt(id).array());
    }

    /** How often a session holds this op's change. */
    int timesIn(SessionRecord session) {
        int times = session.attribute("p" + id) == null ? 0 : 1;
        for (int other : log(session)) {
            times += other == id ? 1 : 0;
        }
        return times;
    }

    static int[] log(SessionRecord session) {
        Attribute log = session.attribute(LOG);
        if (log == null) {
            return new int[0];
        }
        int[] ids = new int[log.bytes().length / 4];
        ByteBuffer.wrap(log.bytes()).asIntBuffer().get(ids);
        return ids;
    }

    @Override
    public String toString() {
        return "#" + id + " " + kind;
    }
}
