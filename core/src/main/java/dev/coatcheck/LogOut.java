package dev.coatcheck;

import dev.coatcheck.Sighting.Live;
import java.time.Instant;

/**
 * Ends a session for good: as the request has seen it, as another request has changed it since, and under the new id that a
 * rotation of the same moment has given it. So no tab that was faster is still signed in after a log-out in another one.
 */
final class LogOut {
    /** After so many writers in between the session is ended whatever is there. */
    private static final int TRIES = 8;

    private final Protocol protocol;
    private final Lookup lookup;

    LogOut(Protocol protocol, Lookup lookup) {
        this.protocol = protocol;
        this.lookup = lookup;
    }

    /** What was ended in the end, or could not be. */
    record Ended(Address address, boolean confirmed) {}

    /** One step when nobody was faster. */
    Step<Ended> of(Live live) {
        return end(live, 1);
    }

    private Step<Ended> end(Live live, int tries) {
        Address address = live.address();
        Instant until = protocol.lifetimes().deadline(live.session());
        if (tries > TRIES) {
            return new Step.End<>(address.key(), until, confirmed -> done(address, confirmed));
        }
        return new Step.EndVersion<>(address.key(), live.version(), until, outcome -> switch (outcome) {
            case GONE -> done(address, true);
            case CONFLICT -> lookup.look(address, true, now -> overtaken(address, now, tries));
            case STORED, EXISTS, UNKNOWN -> done(address, false);
        });
    }

    private Step<Ended> overtaken(Address address, Sighting now, int tries) {
        if (now instanceof Live newer) {
            return end(newer, tries + 1);
        }
        if (now instanceof Sighting.Old old && old.left() instanceof OldId.Pointer pointer) {
            return lookup.follow(
                    pointer,
                    true,
                    target -> target instanceof Live moved
                            ? end(moved, tries + 1)
                            : done(address, !(target instanceof Sighting.Away)));
        }
        return done(address, !(now instanceof Sighting.Away));
    }

    private static Step<Ended> done(Address address, boolean confirmed) {
        return new Step.Done<>(new Ended(address, confirmed));
    }
}
