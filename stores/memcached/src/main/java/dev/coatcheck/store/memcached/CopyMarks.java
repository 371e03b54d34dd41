package dev.coatcheck.store.memcached;

import static dev.coatcheck.store.memcached.Voters.FIRST;
import static dev.coatcheck.store.memcached.Voters.SECOND;
import static dev.coatcheck.store.memcached.Voters.WITNESS;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.store.memcached.CopyStep.Ask;
import dev.coatcheck.store.memcached.CopyStep.Call;
import dev.coatcheck.store.memcached.CopyStep.Done;
import dev.coatcheck.store.memcached.NodeAnswer.Found;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a look does with what ends a key: the mark of an end is put wherever it is not, and what was just renewed, as everything is that
 * is looked at, gets its own end back.
 *
 * @param renew whether the look has renewed what it found
 */
record CopyMarks(CopyLives lives, CopyHints.OfKey hints, boolean renew) {

    /**
     * The mark of an end goes before all else. It is not put over what is left of an old id, or what nobody has seen: a log-out that
     * is under way must find out that the session may have moved on.
     */
    CopyStep<Optional<Stored>> bury(Copy tomb, CopyView view) {
        Duration rest = lives.rest(tomb);
        if (rest.isZero()) {
            return forget(view);
        }
        List<Call> calls = new ArrayList<>();
        for (int place = FIRST; place <= SECOND; place++) {
            NodeAnswer answer = view.at(place);
            if (answer == null) {
                hints.bury(place, tomb.value());
            } else if (!(answer instanceof Found found)) {
                calls.add(new Call(place, new NodeRequest.Add(tomb.value(), rest)));
            } else if (!ClientFlags.isTerminal(found.flags())) {
                calls.add(new Call(place, new NodeRequest.Swap(tomb.value(), found.state(), rest)));
            }
        }
        return calls.isEmpty()
                ? restore(rest, view, Optional.empty())
                : new Ask<>(calls, buried -> restore(rest, view, Optional.empty()));
    }

    /** Gives it its own end back, and hands out what is to be. */
    CopyStep<Optional<Stored>> restore(Duration rest, CopyView view, Optional<Stored> found) {
        return renew ? onEach(view, there -> new NodeRequest.Touch(rest), found) : new Done<>(found);
    }

    /** Its end is over. */
    CopyStep<Optional<Stored>> forget(CopyView view) {
        return onEach(view, there -> new NodeRequest.Delete(there.state()), Optional.empty());
    }

    private static CopyStep<Optional<Stored>> onEach(
            CopyView view, Function<Found, NodeRequest> request, Optional<Stored> found) {
        List<Call> calls = new ArrayList<>();
        for (int place = FIRST; place <= WITNESS; place++) {
            if (view.at(place) instanceof Found there && isOfAnEnd(Copy.of(place, there))) {
                calls.add(new Call(place, request.apply(there)));
            }
        }
        return calls.isEmpty() ? new Done<>(found) : new Ask<>(calls, done -> new Done<>(found));
    }

    /** Also what a witness saw of it. */
    private static boolean isOfAnEnd(Copy copy) {
        return ClientFlags.isTerminal(copy.found().flags()) || copy.version() == Envelope.TERMINAL_VERSION;
    }
}
