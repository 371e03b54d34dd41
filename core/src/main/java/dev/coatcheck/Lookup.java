package dev.coatcheck;

import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionStore.Stored;
import java.time.Instant;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Looks under a session's key: reads what is there, renews its lease in the same trip, and judges it. What is found dead
 * has just been renewed, so it is ended before the answer.
 */
final class Lookup {
    private final Protocol protocol;
    private final BiConsumer<Address, Instant> notEnded;

    /** @param notEnded is told what is dead though the store has not confirmed its end */
    Lookup(Protocol protocol, BiConsumer<Address, Instant> notEnded) {
        this.protocol = protocol;
        this.notEnded = notEnded;
    }

    /** One look, following nothing. */
    <R> Step<R> look(Address address, boolean fresh, Function<Sighting, Step<R>> then) {
        return new Step.Load<>(address.key(), address.leaseClass().lease(), fresh, answer -> {
            SessionUnavailableException unavailable = answer.unavailable();
            if (unavailable != null) {
                return unavailable.lost() ? lost(address, then) : then.apply(new Sighting.Away(unavailable));
            }
            Stored stored = Objects.requireNonNull(answer.value(), "an answer").orElse(null);
            if (stored == null) {
                protocol.counters().absent.increment();
                return then.apply(new Sighting.Absent(true));
            }
            return judge(address, stored, then);
        });
    }

    private <R> Step<R> judge(Address address, Stored stored, Function<Sighting, Step<R>> then) {
        Sighting sighting;
        try {
            sighting = protocol.values().read(address, stored);
        } catch (StoredValues.CorruptValueException e) {
            // Left where it is: a server with a wrong key must not delete everybody's session.
            protocol.counters().corrupt.increment();
            protocol.events().tell(Kind.CORRUPT, address.id());
            return then.apply(new Sighting.Absent(false));
        }
        Instant now = protocol.now();
        if (sighting instanceof Sighting.Live live
                && protocol.lifetimes().isOver(live.session(), live.idleFor(), now)) {
            protocol.counters().expired.increment();
            protocol.events()
                    .tell(Kind.EXPIRED, address.id(), null, live.session().userId());
            return end(address, live.session().deadline(), then);
        }
        if (sighting instanceof Sighting.Old old && !now.isBefore(old.left().graceEnd())) {
            return end(address, Instant.ofEpochSecond(old.envelope().end()), then);
        }
        return then.apply(sighting);
    }

    /** A newer record is known to have been there: this is the end of the session, said aloud. */
    <R> Step<R> lost(Address address, Function<Sighting, Step<R>> then) {
        protocol.events().tell(Kind.LOST, address.id());
        return end(address, protocol.now().plus(address.leaseClass().lease()), then);
    }

    private <R> Step<R> end(Address address, Instant until, Function<Sighting, Step<R>> then) {
        return new Step.End<>(address.key(), until, confirmed -> {
            if (!confirmed) {
                // It looks alive to the next request, since this one has renewed it.
                notEnded.accept(address, until);
            }
            return then.apply(new Sighting.Absent(false));
        });
    }

    /** Goes from a pointer to what it leads to, over three pointers at most; never answers with a pointer. */
    <R> Step<R> follow(OldId.Pointer pointer, boolean fresh, Function<Sighting, Step<R>> then) {
        return follow(pointer, fresh, 1, then);
    }

    private <R> Step<R> follow(OldId.Pointer pointer, boolean fresh, int hops, Function<Sighting, Step<R>> then) {
        return look(pointer.target(), fresh, sighting -> {
            if (sighting instanceof Sighting.Old old && old.left() instanceof OldId.Pointer next) {
                return hops < OldId.MAX_HOPS
                        ? follow(next, fresh, hops + 1, then)
                        : then.apply(new Sighting.Absent(false));
            }
            // A marker at the end of a chain belongs to another's sign-in: the chain leads nowhere.
            return then.apply(sighting instanceof Sighting.Old ? new Sighting.Absent(false) : sighting);
        });
    }
}
