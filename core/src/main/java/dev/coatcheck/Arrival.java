package dev.coatcheck;

import dev.coatcheck.SessionEvent.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the session that a request's tickets lead to. */
final class Arrival {
    private final Protocol protocol;
    private final Lookup lookup;
    private final KnownAbsences absences;
    private final UnconfirmedEnds ends;

    Arrival(Protocol protocol, Lookup lookup, KnownAbsences absences, UnconfirmedEnds ends) {
        this.protocol = protocol;
        this.lookup = lookup;
        this.absences = absences;
        this.ends = ends;
    }

    /** Looks every ticket up, one after another: of two that are live neither is used, in whatever order they come. */
    Step<Loaded> find(RequestTickets tickets) {
        return find(tickets, 0, new Findings(null, List.of(), List.of()));
    }

    /** What was found under the tickets so far. Sessions that only a pointer leads to count where nothing else is live. */
    private record Findings(byte @Nullable [] markerSeed, List<Loaded.Live> direct, List<Loaded.Live> followed) {

        Findings withMarker(byte[] seed) {
            return new Findings(seed, direct, followed);
        }

        Findings with(Loaded.Live found) {
            return found.token() != null
                    ? new Findings(markerSeed, plus(direct, found), followed)
                    : new Findings(markerSeed, direct, plus(followed, found));
        }

        private static List<Loaded.Live> plus(List<Loaded.Live> list, Loaded.Live one) {
            List<Loaded.Live> more = new ArrayList<>(list);
            more.removeIf(other ->
                    other.live().address().key().equals(one.live().address().key()));
            more.add(one);
            return more;
        }
    }

    private Step<Loaded> find(RequestTickets tickets, int index, Findings findings) {
        if (index == tickets.sessions().size()) {
            return new Step.Done<>(verdict(tickets, findings));
        }
        SessionToken token = tickets.sessions().get(index);
        Address address = protocol.address(token);
        if (ends.refuses(address.key())) {
            return find(tickets, index + 1, findings);
        }
        if (absences.remembers(address.key())) {
            protocol.counters().remembered.increment();
            return find(tickets, index + 1, findings);
        }
        return lookup.look(address, false, sighting -> {
            if (sighting instanceof Sighting.Absent absent && absent.certain()) {
                absences.remember(address.key());
            }
            if (sighting instanceof Sighting.Live live && isBelow(live, token, tickets)) {
                return lookup.look(address, true, fresh -> fresh(tickets, index, findings, fresh, token));
            }
            if (sighting instanceof Sighting.Old old && old.left() instanceof OldId.Pointer pointer) {
                return lookup.follow(pointer, false, target -> found(tickets, index, findings, target, null));
            }
            return found(tickets, index, findings, sighting, token);
        });
    }

    /** Whether the browser was told of a newer version of its session than this one. */
    private boolean isBelow(Sighting.Live live, SessionToken token, RequestTickets tickets) {
        return live.envelope().version()
                < tickets.floor()
                        .of(protocol.derivation(), token, live.address().id());
    }

    /** What the store itself holds, past all that may be older; if that is too old also, the newer one is lost. */
    private Step<Loaded> fresh(
            RequestTickets tickets, int index, Findings findings, Sighting fresh, SessionToken token) {
        if (fresh instanceof Sighting.Live live && isBelow(live, token, tickets)) {
            if (!absences.areCertain()) {
                Sighting away = new Sighting.Away(new SessionUnavailableException(
                        "The session store shows an older session, and a part of it that may have the newer one is away",
                        null));
                return found(tickets, index, findings, away, token);
            }
            return lookup.lost(live.address(), lost -> found(tickets, index, findings, lost, token));
        }
        if (fresh instanceof Sighting.Old old && old.left() instanceof OldId.Pointer pointer) {
            return lookup.follow(pointer, false, target -> found(tickets, index, findings, target, null));
        }
        return found(tickets, index, findings, fresh, token);
    }

    private Step<Loaded> found(
            RequestTickets tickets, int index, Findings findings, Sighting sighting, @Nullable SessionToken token) {
        if (sighting instanceof Sighting.Away away) {
            return new Step.Done<>(new Loaded.Away(away.cause()));
        }
        Findings next = findings;
        if (sighting instanceof Sighting.Live live) {
            next = ends.refuses(live.address().key()) ? findings : findings.with(new Loaded.Live(live, token));
        } else if (sighting instanceof Sighting.Old old && old.left() instanceof OldId.Marker marker) {
            next = findings.withMarker(marker.csrfSeed());
        }
        return find(tickets, index + 1, next);
    }

    private Loaded verdict(RequestTickets tickets, Findings findings) {
        List<Loaded.Live> live = findings.direct().isEmpty() ? findings.followed() : findings.direct();
        if (live.size() == 1) {
            return live.get(0);
        }
        if (live.size() > 1) {
            protocol.counters().duplicates.increment();
            live.forEach(each ->
                    protocol.events().tell(Kind.DUPLICATE, each.live().address().id()));
            return new Loaded.Barred(null, live.stream().map(Loaded.Live::live).toList());
        }
        return findings.markerSeed() != null
                ? new Loaded.Barred(findings.markerSeed(), List.of())
                : new Loaded.Visitor(tickets.blank());
    }
}
