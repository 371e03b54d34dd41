package dev.coatcheck;

import dev.coatcheck.Sighting.Live;
import java.time.Instant;
import java.util.function.Function;

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
        return end(live, 1, Step.Done::new);
    }

    private Step<Ended> end(Live live, int tries, Function<Ended, Step<Ended>> then) {
        Address address = live.address();
        Instant until = protocol.lifetimes().deadline(live.session());
        if (tries > TRIES) {
            return key(address, until, then);
        }
        return new Step.EndVersion<>(address.key(), live.version(), until, outcome -> switch (outcome) {
            case GONE -> then.apply(new Ended(address, true));
            case CONFLICT -> lookup.look(address, true, now -> overtaken(address, until, now, tries, then));
            case STORED, EXISTS, UNKNOWN -> then.apply(new Ended(address, false));
        });
    }

    /** Whatever is left here ends too: what is in front of a store may still show the session that was. */
    private Step<Ended> overtaken(
            Address address, Instant until, Sighting now, int tries, Function<Ended, Step<Ended>> then) {
        if (now instanceof Live newer) {
            return end(newer, tries + 1, then);
        }
        if (now instanceof Sighting.Old old && old.left() instanceof OldId.Pointer pointer) {
            return lookup.follow(pointer, true, target -> {
                if (target instanceof Live moved) {
                    return end(
                            moved,
                            tries + 1,
                            ended -> key(
                                    address,
                                    until,
                                    here -> then.apply(here.confirmed() || !ended.confirmed() ? ended : here)));
                }
                return target instanceof Sighting.Away
                        ? then.apply(new Ended(address, false))
                        : key(address, until, then);
            });
        }
        return now instanceof Sighting.Away ? then.apply(new Ended(address, false)) : key(address, until, then);
    }

    private static Step<Ended> key(Address address, Instant until, Function<Ended, Step<Ended>> then) {
        return new Step.End<>(address.key(), until, confirmed -> then.apply(new Ended(address, confirmed)));
    }
}
