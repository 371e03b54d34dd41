package dev.coatcheck.test;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Where an id leads, as the model sees it: to a session, for a while to another place or to a mark, or to nothing. */
final class ModelPlace {
    private static final Duration GRACE = Duration.ofSeconds(15);
    private static final int MOST_POINTERS = 3;

    final Duration leaseClass;
    final String id;
    /** The cookie's value; null as long as no browser got it. */
    @Nullable
    String ticket;

    @Nullable
    ModelRecord session;

    Instant usedAt;
    /** Where the same user's session was before, which ends with it when the user is signed out. */
    @Nullable
    ModelPlace previous;

    private @Nullable ModelPlace target;
    private @Nullable Integer markerSeed;
    private Instant until = Instant.MIN;

    ModelPlace(String id, ModelRecord session, Instant now) {
        this.id = id;
        this.session = session;
        leaseClass = session.leaseClass();
        usedAt = now;
    }

    void end() {
        session = null;
        target = null;
        markerSeed = null;
    }

    boolean isOf(String user) {
        ModelRecord found = session;
        return found != null && user.equals(found.user);
    }

    void signOut() {
        end();
        if (previous != null) {
            previous.end();
        }
    }

    /** For a while parallel requests find the new place from here. */
    void pointTo(ModelPlace next, Instant now) {
        end();
        target = next;
        until = now.plus(GRACE);
    }

    /** For a while it is known that somebody signed in from here, and nothing else. */
    void mark(int seed, Instant now) {
        end();
        markerSeed = seed;
        until = now.plus(GRACE);
    }

    /** The marker's CSRF seed; null where there is no marker. */
    @Nullable
    Integer markerSeed(Instant now) {
        return now.isBefore(until) ? markerSeed : null;
    }

    /** The place of the session that this id leads to now; null for none. What is past a deadline is ended. */
    @Nullable
    ModelPlace find(Instant now, boolean leasesFollowTheClock) {
        ModelPlace place = this;
        for (int pointers = 0; pointers <= MOST_POINTERS; pointers++) {
            ModelRecord found = place.session;
            if (found != null) {
                if (place.isOver(found, now, leasesFollowTheClock)) {
                    place.end();
                    return null;
                }
                return place;
            }
            ModelPlace next = place.target;
            if (next == null || !now.isBefore(place.until)) {
                return null;
            }
            place = next;
        }
        return null;
    }

    /** The clock's steps keep off the two seconds of slack, so there is no doubt. */
    private boolean isOver(ModelRecord found, Instant now, boolean leasesFollowTheClock) {
        if (!now.isBefore(found.deadlineInForce())) {
            return true;
        }
        Duration shorter = found.idle().compareTo(leaseClass) < 0 ? found.idle() : leaseClass;
        return leasesFollowTheClock && Duration.between(usedAt, now).compareTo(shorter) > 0;
    }
}
