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
import org.jspecify.annotations.Nullable;

/**
 * Ends one key by a mark that stays at both its nodes, so that one which was away brings nothing back. The end is confirmed when
 * two of three nodes have the mark.
 */
final class CopyEnds {
    /** How often a node is tried again when others write to it meanwhile. */
    private static final int TRIES = 4;

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
        return bury();
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
                return also(other, seen.at(other));
            } else if (answer instanceof Away away) {
                return away.sent() || place == SECOND ? new Done<>(Outcome.UNKNOWN) : second(seen);
            }
            return new Done<>(answer instanceof Refused ? Outcome.UNKNOWN : Outcome.CONFLICT);
        });
    }

    /**
     * Marks a second node too, or the witness where it cannot be. Not in place of what another request has left of an old id by way
     * of these two: whether the session lives on under a new one cannot be told any more.
     *
     * @param over what is known to be there; null where that is to be looked up
     */
    private CopyStep<Outcome> also(int place, @Nullable NodeState over) {
        if (!voters.answers(place)) {
            return without(place);
        }
        return over == null ? look(place, false, 1) : mark(place, new NodeRequest.Swap(tomb, over, life), 1);
    }

    /** @param changed whether there was something else than had been seen: if it cannot be seen now either, it may be a pointer */
    private CopyStep<Outcome> look(int place, boolean changed, int tries) {
        return CopyStep.ask(place, new NodeRequest.Get(true, null), answer -> {
            if (answer instanceof Found found) {
                Copy copy = Copy.of(place, found);
                if (copy.isTomb()) {
                    return new Done<>(Outcome.GONE);
                }
                boolean oldId = copy.version() == Envelope.TERMINAL_VERSION;
                return oldId
                        ? new Done<>(Outcome.UNKNOWN)
                        : mark(place, new NodeRequest.Swap(tomb, found.state(), life), tries);
            } else if (changed) {
                missedBy(place);
                return new Done<>(Outcome.UNKNOWN);
            }
            return answer instanceof NodeAnswer.Absent ? forgotten(place, tries) : without(place);
        });
    }

    /** What a node has forgotten may have been a pointer: where there is a witness, that knows. */
    private CopyStep<Outcome> forgotten(int place, int tries) {
        return place != WITNESS && voters.haveWitness()
                ? without(place)
                : mark(place, new NodeRequest.Add(tomb, life), tries);
    }

    private CopyStep<Outcome> mark(int place, NodeRequest request, int tries) {
        return CopyStep.ask(place, request, answer -> {
            if (answer instanceof NodeAnswer.Done) {
                return new Done<>(Outcome.GONE);
            } else if (answer instanceof NodeAnswer.Other && tries < TRIES) {
                return look(place, true, tries + 1);
            } else if (answer instanceof NodeAnswer.Absent && tries < TRIES) {
                return forgotten(place, tries + 1);
            }
            boolean changing = answer instanceof NodeAnswer.Other || answer instanceof NodeAnswer.Absent;
            return changing ? new Done<>(Outcome.UNKNOWN) : without(place);
        });
    }

    private void missedBy(int place) {
        if (place != WITNESS) {
            hints.bury(place, tomb);
        }
    }

    private CopyStep<Outcome> without(int place) {
        missedBy(place);
        return place != WITNESS && voters.haveWitness() ? also(WITNESS, null) : new Done<>(Outcome.UNKNOWN);
    }

    /** Marks both nodes, and the witness for one that cannot be. */
    private CopyStep<Boolean> bury() {
        List<Call> calls = new ArrayList<>();
        boolean missing = false;
        for (int place = FIRST; place <= SECOND; place++) {
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
            return new Done<>(false);
        }
        return new Ask<>(calls, answers -> buried(calls, answers, asked));
    }

    private CopyStep<Boolean> buried(List<Call> calls, List<NodeAnswer> answers, boolean witnessAsked) {
        int marked = 0;
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
