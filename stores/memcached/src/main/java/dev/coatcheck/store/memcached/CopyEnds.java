package dev.coatcheck.store.memcached;

import static dev.coatcheck.store.memcached.Voters.FIRST;
import static dev.coatcheck.store.memcached.Voters.SECOND;
import static dev.coatcheck.store.memcached.Voters.WITNESS;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.store.memcached.CopyStep.Ask;
import dev.coatcheck.store.memcached.CopyStep.Call;
import dev.coatcheck.store.memcached.CopyStep.Done;
import dev.coatcheck.store.memcached.NodeAnswer.Away;
import dev.coatcheck.store.memcached.NodeAnswer.Found;
import dev.coatcheck.store.memcached.NodeAnswer.Refused;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Ends one key by a mark that stays at both its nodes, so that one which was away brings nothing back. The end is confirmed when
 * two of three nodes have the mark.
 */
final class CopyEnds {
    private final Voters voters;
    private final CopyHints.OfKey hints;
    private final NodeValue tomb;
    private final Duration life;

    CopyEnds(Voters voters, CopyLives lives, CopyHints.OfKey hints, Instant until) {
        this.voters = voters;
        this.hints = hints;
        Envelope envelope = Envelope.tomb(until);
        tomb = NodeValue.of(envelope.bytes(), envelope);
        life = lives.of(envelope, Duration.ZERO);
    }

    /** Whatever is there. True when confirmed. */
    CopyStep<Boolean> end() {
        return bury(List.of(FIRST, SECOND), 0);
    }

    /** While this version is there. */
    CopyStep<Outcome> end(Version seen) {
        if (!(seen instanceof CopiesVersion version) || !version.nodes().equals(voters.names())) {
            return new Done<>(Outcome.CONFLICT);
        }
        return voters.answers(FIRST) ? guarded(FIRST, SECOND, version) : second(version);
    }

    private CopyStep<Outcome> second(CopiesVersion seen) {
        return voters.answers(SECOND) ? guarded(SECOND, FIRST, seen) : new Done<>(Outcome.UNKNOWN);
    }

    private CopyStep<Outcome> guarded(int place, int other, CopiesVersion seen) {
        NodeState over = seen.at(place);
        if (over == null) {
            return new Done<>(Outcome.CONFLICT);
        }
        return CopyStep.ask(place, new NodeRequest.Swap(tomb, over, life), answer -> {
            if (answer instanceof NodeAnswer.Done) {
                return bury(List.of(other), 1)
                        .then(confirmed -> new Done<>(confirmed ? Outcome.GONE : Outcome.UNKNOWN));
            } else if (answer instanceof Away away) {
                return away.sent() || place == SECOND ? new Done<>(Outcome.UNKNOWN) : second(seen);
            }
            return new Done<>(answer instanceof Refused ? Outcome.UNKNOWN : Outcome.CONFLICT);
        });
    }

    /**
     * Marks these, and the witness for each that cannot be.
     *
     * @param marked how many have the mark already
     */
    private CopyStep<Boolean> bury(List<Integer> places, int marked) {
        List<Call> calls = new ArrayList<>();
        boolean missing = false;
        for (int place : places) {
            if (voters.answers(place)) {
                calls.add(new Call(place, new NodeRequest.Bury(tomb, life)));
            } else {
                missing = true;
                hints.bury(place, tomb);
            }
        }
        boolean asked = missing && voters.haveWitness() && voters.answers(WITNESS);
        if (asked) {
            calls.add(new Call(WITNESS, new NodeRequest.Bury(tomb, life)));
        }
        if (calls.isEmpty()) {
            return new Done<>(marked > 1);
        }
        return new Ask<>(calls, answers -> buried(calls, answers, marked, asked));
    }

    private CopyStep<Boolean> buried(List<Call> calls, List<NodeAnswer> answers, int before, boolean witnessAsked) {
        int marked = before;
        List<Call> full = new ArrayList<>();
        for (int i = 0; i < calls.size(); i++) {
            int place = calls.get(i).place();
            if (answers.get(i) instanceof NodeAnswer.Done) {
                marked++;
            } else if (place != WITNESS) {
                hints.bury(place, tomb);
                if (answers.get(i) instanceof Refused) {
                    full.add(new Call(place, new NodeRequest.Get(false, null)));
                }
            }
        }
        int done = marked;
        boolean ask = done < 2 && !witnessAsked && voters.haveWitness() && voters.answers(WITNESS);
        CopyStep<Boolean> rest = ask
                ? CopyStep.ask(
                        WITNESS,
                        new NodeRequest.Bury(tomb, life),
                        answer -> new Done<>(done == 1 && answer instanceof NodeAnswer.Done))
                : new Done<>(done > 1);
        return full.isEmpty() ? rest : empty(full, rest);
    }

    /** A node without room for the mark has at least nothing left that it could show. */
    private static CopyStep<Boolean> empty(List<Call> full, CopyStep<Boolean> then) {
        return new Ask<>(full, answers -> {
            List<Call> deletes = new ArrayList<>();
            for (int i = 0; i < full.size(); i++) {
                if (answers.get(i) instanceof Found found) {
                    deletes.add(new Call(full.get(i).place(), new NodeRequest.Delete(found.state())));
                }
            }
            return deletes.isEmpty() ? then : new Ask<>(deletes, deleted -> then);
        });
    }
}
