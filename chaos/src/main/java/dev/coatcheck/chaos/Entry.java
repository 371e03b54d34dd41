package dev.coatcheck.chaos;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request in a life's history. Written by the thread of the request until it is told, and by nobody afterwards.
 */
final class Entry {
    final int id;
    final Kind kind;
    /** The number of the application node that served it. */
    final int node;
    /** The moment before the request had its ticket. No two moments are the same. */
    final long started;
    /** The moment after its answer. */
    long told;

    Outcome outcome = Outcome.ACKNOWLEDGED;

    @Nullable
    Seen seen;

    /** Whether the request was told that there is no session. */
    boolean absent;
    /** Whether it was told that the store is away. */
    boolean unavailable;
    /** Whether it has begun to store what it does. */
    boolean storing;

    /** Whether it adds one to the counter and to the list. */
    boolean updates;

    /** The value that it puts in place of another; null for none. */
    @Nullable
    Register register;

    /** What that gets; null for nothing. */
    @Nullable
    Long value;

    /** The one-time value that it has taken. */
    @Nullable
    Long taken;

    /** The messages that it has taken. */
    List<Long> messages = List.of();

    Entry(int id, Kind kind, int node, long started) {
        this.id = id;
        this.kind = kind;
        this.node = node;
        this.started = started;
    }

    /** What became of it. */
    enum Outcome {
        ACKNOWLEDGED,
        /** Certainly not done. */
        REFUSED,
        /** May have been done, or may be still. */
        UNKNOWN
    }

    boolean is(Kind other, Outcome result) {
        return kind == other && outcome == result;
    }

    /** Whether its answer was there when another began. */
    boolean isBefore(Entry other) {
        return told < other.started;
    }

    /** For a report: what was done and told when, and what was found. */
    @Override
    public String toString() {
        return "#" + id + " " + kind + " at node " + node + ", " + started + " to " + told + ": " + outcome
                + (absent ? ", no session" : "") + (unavailable ? ", the store is away" : "")
                + (register == null ? "" : ", " + register + " := " + value)
                + (taken == null ? "" : ", took " + taken)
                + (messages.isEmpty() ? "" : ", messages " + messages)
                + (seen == null ? "" : ", found " + seen);
    }
}
