package dev.coatcheck;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One of a user's sessions, as the index knows it.
 *
 * @param device the public handle, which a rotation keeps
 * @param places where the session may be, newest first: where it is now, where a rotation under way will put it, and where it
 *     was before. Each of them is ended at a sign-out
 * @param end no sooner than the session's absolute deadline
 * @param ending whether the session is to be ended by who wrote this
 * @param signedInAt when its user signed in
 * @param movedAt when a place was added last
 * @param label what the user knows the device by; null for nothing
 * @param address where it signed in from; null unless that is kept
 * @param extra fields of a newer release, kept as they are
 */
record IndexEntry(
        String device,
        List<Place> places,
        Instant end,
        boolean ending,
        Instant signedInAt,
        Instant movedAt,
        @Nullable String label,
        @Nullable String address,
        byte[] extra) {
    /** So many rotations of one session at a time are followed. */
    static final int MAX_PLACES = 64;

    /** Clocks differ: an entry stays for a while after its end. */
    private static final Duration SKEW = Duration.ofMinutes(10);

    IndexEntry {
        places = List.copyOf(places);
    }

    boolean isOver(Instant now) {
        return end.plus(SKEW).isBefore(now);
    }

    IndexEntry asEnding() {
        return new IndexEntry(device, places, end, true, signedInAt, movedAt, label, address, extra);
    }

    /** Without what only the user reads. */
    IndexEntry withoutLabel() {
        return new IndexEntry(device, places, end, ending, signedInAt, movedAt, null, null, extra);
    }

    /**
     * The places after a move. What was added before the old place was belongs to rotations that lost against the one
     * which made it; what was added since may be a rotation under way, which may still win.
     *
     * @throws SessionConflictException when too many rotations are under way
     */
    static List<Place> moved(List<Place> before, Place next, @Nullable Place old) {
        List<Place> places = new ArrayList<>();
        places.add(next);
        for (Place place : before) {
            if (place.equals(old)) {
                break;
            }
            if (!places.contains(place)) {
                places.add(place);
            }
        }
        if (old != null && !places.contains(old)) {
            places.add(old);
        }
        if (places.size() > MAX_PLACES) {
            throw new SessionConflictException("More than " + MAX_PLACES + " requests rotate one session at a time");
        }
        return places;
    }

    /** The public ids of its places. */
    @Override
    public String toString() {
        return "IndexEntry" + places;
    }
}
