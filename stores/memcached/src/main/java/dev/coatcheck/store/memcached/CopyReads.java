package dev.coatcheck.store.memcached;

import static dev.coatcheck.store.memcached.Voters.FIRST;
import static dev.coatcheck.store.memcached.Voters.SECOND;
import static dev.coatcheck.store.memcached.Voters.WITNESS;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.store.memcached.CopyStep.Ask;
import dev.coatcheck.store.memcached.CopyStep.Call;
import dev.coatcheck.store.memcached.CopyStep.Done;
import dev.coatcheck.store.memcached.NodeAnswer.Absent;
import dev.coatcheck.store.memcached.NodeAnswer.Away;
import dev.coatcheck.store.memcached.NodeAnswer.Found;
import dev.coatcheck.store.memcached.NodeAnswer.Other;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads one key from its two copies. Both nodes are asked at once; while they hold the same, that is all. Where they do not, or
 * one does not answer, the witness is asked too, what is newest is brought to the other copy, and only then handed out.
 */
final class CopyReads {
    /** How often it is begun anew when others write meanwhile, or a node goes. */
    private static final int ROUNDS = 8;

    private final Voters voters;
    private final CopyLives lives;
    private final CopyHints.OfKey hints;
    private final Duration lease;
    private final boolean renew;
    private final CopyMarks marks;

    /**
     * @param lease that the key was stored with
     * @param renew whether what is found is to live for that long from now on; else its lease stays
     */
    CopyReads(Voters voters, CopyLives lives, CopyHints.OfKey hints, Duration lease, boolean renew) {
        this.voters = voters;
        this.lives = lives;
        this.hints = hints;
        this.lease = lease;
        this.renew = renew;
        marks = new CopyMarks(lives, hints, renew);
    }

    /** One try: how many were before it, and which places did not answer in one of them. */
    private record Round(int number, int away) {
        Round next() {
            return new Round(number + 1, away);
        }

        Round without(int place) {
            return new Round(number + 1, away | 1 << place);
        }

        boolean isAway(int place) {
            return (away & 1 << place) != 0;
        }
    }

    CopyStep<Optional<Stored>> load() {
        return look(new Round(0, 0));
    }

    private boolean answers(int place, Round round) {
        return !round.isAway(place) && place < voters.names().size() && voters.answers(place);
    }

    private Call get(int place, boolean value) {
        return new Call(place, new NodeRequest.Get(value, renew ? lease : null));
    }

    private CopyStep<Optional<Stored>> look(Round round) {
        if (round.number > ROUNDS) {
            throw CopyStep.unavailable("its copies do not come to rest");
        }
        boolean first = answers(FIRST, round);
        boolean second = answers(SECOND, round);
        if (first && second) {
            return new Ask<>(List.of(get(FIRST, true), get(SECOND, false)), answers -> both(round, answers));
        }
        if (!first && !second) {
            throw CopyStep.unavailable("neither of its two nodes answers");
        }
        int place = first ? FIRST : SECOND;
        List<Call> calls =
                voters.haveWitness() ? List.of(get(place, true), get(WITNESS, true)) : List.of(get(place, true));
        return new Ask<>(calls, answers -> {
            CopyView view = CopyView.NOTHING.with(place, answers.get(0));
            return decide(round, answers.size() > 1 ? view.with(WITNESS, answers.get(1)) : view, 0);
        });
    }

    private CopyStep<Optional<Stored>> both(Round round, List<NodeAnswer> answers) {
        NodeAnswer first = answers.get(0);
        NodeAnswer second = answers.get(1);
        if (first instanceof Away || second instanceof Away) {
            Round next = first instanceof Away ? round.without(FIRST) : round;
            return look(second instanceof Away ? next.without(SECOND) : next);
        }
        if (first instanceof Absent && second instanceof Absent) {
            return new Done<>(Optional.empty());
        }
        if (first instanceof Found one && second instanceof Found other && one.flags() == other.flags()) {
            Copy copy = Copy.of(FIRST, one);
            CopyView same = new CopyView(one, other, null);
            if (copy.isTomb()) {
                return marks.bury(copy, same);
            } else if (copy.isData() || copy.envelope() == null) {
                return serve(copy, same);
            }
        }
        List<Call> calls =
                answers(WITNESS, round) ? List.of(get(SECOND, true), get(WITNESS, true)) : List.of(get(SECOND, true));
        return new Ask<>(calls, values -> {
            if (values.get(0) instanceof Away) {
                return look(round.without(SECOND));
            }
            CopyView view = CopyView.NOTHING.with(FIRST, first).with(SECOND, values.get(0));
            return decide(round, values.size() > 1 ? view.with(WITNESS, values.get(1)) : view, 0);
        });
    }

    /**
     * Which of what the nodes hold is the newest.
     *
     * @param missed the write for which the copies were read again: it was in none though a node had seen it, or in one of two
     *     branches; 0: none
     */
    private CopyStep<Optional<Stored>> decide(Round round, CopyView view, long missed) {
        List<Copy> copies = view.copies();
        for (Copy copy : copies) {
            if (copy.isTomb()) {
                return marks.bury(copy, view);
            }
        }
        if (view.first() instanceof Found one && view.second() instanceof Found other) {
            Copy both = Copy.of(FIRST, one);
            if (both.isData() && both.value().isSameAs(Copy.of(SECOND, other).value())) {
                return serve(both, view); // two of three
            }
        }
        mustBeEnough(view);
        List<Copy> data = copies.stream().filter(Copy::isData).toList();
        for (Copy copy : data) {
            if (copies.stream().allMatch(other -> covers(copy, other, view))) {
                return bring(round, copy, view);
            }
        }
        for (Copy copy : copies) {
            if (copy.envelope() != null && data.stream().noneMatch(one -> covers(one, copy, view))) {
                return missing(round, copy.newestWrite(), view, missed);
            }
        }
        return data.isEmpty() ? nothing(copies, view) : fork(round, data, view, missed);
    }

    /**
     * As {@link Copy#covers}, also by way of a third copy: how many versions were before the mark of an old id only the session
     * tells that it replaced.
     */
    private static boolean covers(Copy copy, Copy other, CopyView view) {
        return copy.covers(other)
                || view.copies().stream().anyMatch(between -> copy.covers(between) && between.covers(other))
                || isLongBefore(other, copy, view);
    }

    /**
     * Whether what a witness saw was long before the id changed: the one of now, or of the list of nodes before. Where no session is
     * left that would tell, and both nodes have answered, their lists of writes do: they have none in common.
     */
    private static boolean isLongBefore(Copy witness, Copy mark, CopyView view) {
        return mark.isTerminal()
                && (witness.place() == WITNESS || !witness.isData())
                && !witness.isTerminal()
                && isOver(view.first())
                && isOver(view.second())
                && !mark.sharesAWriteWith(witness);
    }

    private static boolean isOver(@Nullable NodeAnswer answer) {
        return answer instanceof Absent
                || answer instanceof Found found
                        && (ClientFlags.isTerminal(found.flags())
                                || !Copy.of(FIRST, found).isData());
    }

    /** One that forgot and one that is away do not make a truth; nor does one of three alone. */
    private void mustBeEnough(CopyView view) {
        if (view.first() == null && view.second() == null) {
            throw CopyStep.unavailable("neither of its two nodes answers");
        }
        boolean one = view.first() == null || view.second() == null;
        if (voters.haveWitness() && view.witness() == null) {
            if (one || view.first() instanceof Absent || view.second() instanceof Absent) {
                throw CopyStep.unavailable("two of its three nodes are needed to tell");
            }
        }
        if (one && (view.first() instanceof Absent || view.second() instanceof Absent)) {
            if (!(view.witness() instanceof Found found)
                    || !Copy.of(WITNESS, found).isData()) {
                throw CopyStep.unavailable("the node that may have it does not answer");
            }
        }
    }

    private CopyStep<Optional<Stored>> nothing(List<Copy> copies, CopyView view) {
        // What is none of ours is the manager's to judge.
        return copies.isEmpty() ? new Done<>(Optional.empty()) : serve(copies.get(0), view);
    }

    /** A write is known that no copy has: they may have been read before it happened, and are read again. */
    private CopyStep<Optional<Stored>> missing(Round round, long write, CopyView view, long missed) {
        if (write == missed) {
            if (view.first() == null || view.second() == null) {
                throw CopyStep.unavailable("its newest state is on a node that does not answer");
            }
            throw SessionUnavailableException.lost("The newest state of a session is lost with the nodes that had it");
        }
        return again(round, write, view);
    }

    /** Reads the copies once more, for a write that is to be seen again or not. */
    private CopyStep<Optional<Stored>> again(Round round, long write, CopyView view) {
        List<Call> calls = new ArrayList<>();
        for (int place = FIRST; place <= SECOND; place++) {
            if (view.at(place) != null) {
                calls.add(get(place, true));
            }
        }
        return new Ask<>(calls, answers -> {
            CopyView now = view;
            for (int i = 0; i < calls.size(); i++) {
                int place = calls.get(i).place();
                if (answers.get(i) instanceof Away) {
                    return look(round.without(place));
                }
                now = now.with(place, answers.get(i));
            }
            return decide(round, now, write);
        });
    }

    /**
     * Two writers each reached another node: the witness has the one that is decided, or decides it now. It gets all of it, not the
     * envelope alone: the only copy may be on the node that has the fault. Both are looked at once more before: a node may have
     * forgotten the one, and others have gone on from the other.
     */
    private CopyStep<Optional<Stored>> fork(Round round, List<Copy> data, CopyView view, long seen) {
        Copy higher = data.stream()
                .max(Comparator.comparingInt(Copy::version).thenComparingLong(Copy::newestWrite))
                .orElseThrow();
        if (voters.haveWitness() && (view.first() == null || view.second() == null || view.witness() == null)) {
            throw CopyStep.unavailable("two of its nodes disagree and the third does not answer");
        }
        if (seen != higher.newestWrite()) {
            return again(round, higher.newestWrite(), view);
        }
        if (!voters.haveWitness()) {
            hints.split();
            return bring(round, higher, view);
        }
        NodeRequest vote;
        if (view.witness() instanceof Found found) {
            Copy witness = Copy.of(WITNESS, found);
            List<Copy> backed = data.stream()
                    .filter(copy -> copy.place() != WITNESS && covers(copy, witness, view))
                    .toList();
            if (backed.isEmpty()) {
                return bring(round, witness, view); // the nodes that had it have forgotten it
            } else if (backed.stream().mapToLong(Copy::newestWrite).distinct().count() == 1) {
                return bring(round, backed.get(0), view);
            }
            vote = new NodeRequest.Swap(higher.value(), found.state(), lives.of(higher, lease));
        } else {
            vote = new NodeRequest.Add(higher.value(), lives.of(higher, lease));
        }
        return CopyStep.ask(
                WITNESS, vote, voted -> look(voted instanceof Away ? round.without(WITNESS) : round.next()));
    }

    /**
     * Brings the newest state to the copy that does not have it, or where that is away the witness its vote, waits for that, and
     * hands it out: what anybody has seen, two of three hold.
     */
    private CopyStep<Optional<Stored>> bring(Round round, Copy newest, CopyView view) {
        if (view.first() instanceof Absent && view.second() instanceof Found found && newest.place() == SECOND) {
            return refill(round, newest, found.state(), view);
        }
        return newest.place() == FIRST && view.second() != null
                ? confirm(round, newest, view)
                : repair(round, newest, view);
    }

    /**
     * What the first node had is brought to the second one in place of a state that was seen there while the first still had it: else
     * others may have found it forgotten in between, and gone on from what the second one has.
     */
    private CopyStep<Optional<Stored>> confirm(Round round, Copy newest, CopyView view) {
        return CopyStep.ask(FIRST, new NodeRequest.Get(false, null), answer -> {
            if (answer instanceof Found found
                    && found.state().equals(newest.found().state())) {
                return repair(round, newest, view);
            }
            return look(answer instanceof Away ? round.without(FIRST) : round.next());
        });
    }

    /**
     * The first node has forgotten what it had. A writer may have its word for a write that is not at the second one yet, and who has
     * read it there may be about to bring it to the second, or to let the witness decide for it: the states of both are changed
     * before, so that they notice and look again.
     */
    private CopyStep<Optional<Stored>> refill(Round round, Copy newest, NodeState state, CopyView view) {
        List<Call> calls = new ArrayList<>();
        calls.add(new Call(SECOND, new NodeRequest.Swap(newest.value(), state, life(newest))));
        if (voters.haveWitness() && !isVotedFor(newest, view.witness())) {
            calls.add(new Call(WITNESS, vote(newest, view)));
        }
        return new Ask<>(calls, answers -> {
            for (int i = 0; i < calls.size(); i++) {
                NodeAnswer answer = answers.get(i);
                if (answer instanceof Other || answer instanceof Absent) {
                    return look(round.next());
                } else if (!(answer instanceof NodeAnswer.Done)) {
                    return look(round.without(calls.get(i).place()));
                }
            }
            NodeState now = Objects.requireNonNull(((NodeAnswer.Done) answers.get(0)).state(), "stored");
            return repair(round, newest, view.with(SECOND, shown(newest, now)));
        });
    }

    /** For what is newest, in place of what the witness has. */
    private NodeRequest vote(Copy newest, CopyView view) {
        NodeValue stub = newest.value().stub();
        return view.witness() instanceof Found found
                ? new NodeRequest.Swap(stub, found.state(), life(newest))
                : new NodeRequest.Add(stub, life(newest));
    }

    private static Found shown(Copy copy, NodeState state) {
        Found found = copy.found();
        return new Found(state, found.flags(), found.value(), found.secondsLeft());
    }

    private CopyStep<Optional<Stored>> repair(Round round, Copy newest, CopyView view) {
        List<Call> repairs = new ArrayList<>();
        for (int place = FIRST; place <= SECOND; place++) {
            NodeAnswer answer = view.at(place);
            if (answer == null) {
                hints.repair(place, lease);
            } else if (answer instanceof Absent) {
                repairs.add(new Call(place, new NodeRequest.Add(newest.value(), life(newest))));
            } else if (answer instanceof Found found
                    && !newest.value().isSameAs(Copy.of(place, found).value())) {
                repairs.add(new Call(place, new NodeRequest.Swap(newest.value(), found.state(), life(newest))));
            }
        }
        int copies = repairs.size();
        if (voters.haveWitness()
                && (view.first() == null || view.second() == null)
                && !isVotedFor(newest, view.witness())) {
            repairs.add(new Call(WITNESS, vote(newest, view)));
        }
        if (repairs.isEmpty()) {
            return serve(newest, view);
        }
        return new Ask<>(repairs, answers -> {
            CopyView now = view;
            for (int i = 0; i < repairs.size(); i++) {
                int place = repairs.get(i).place();
                NodeAnswer answer = answers.get(i);
                if (answer instanceof Other || answer instanceof Absent) {
                    return look(round.next());
                } else if (!(answer instanceof NodeAnswer.Done done)) {
                    return look(round.without(place)); // it does not answer, or has no room
                } else {
                    now = now.with(place, shown(newest, Objects.requireNonNull(done.state(), "stored")));
                }
            }
            hints.repaired(copies);
            return serve(newest, now);
        });
    }

    private static boolean isVotedFor(Copy newest, @Nullable NodeAnswer witness) {
        Envelope vote = witness instanceof Found found ? Copy.envelope(found.value()) : null;
        return vote != null && vote.containsWrite(newest.newestWrite());
    }

    private Duration life(Copy copy) {
        return renew || copy.isTerminal()
                ? lives.of(copy, lease)
                : Duration.ofSeconds(Math.max(1, copy.found().secondsLeft()));
    }

    private CopyStep<Optional<Stored>> serve(Copy copy, CopyView view) {
        boolean whole = view.first() != null && view.second() != null;
        CopiesVersion version = new CopiesVersion(
                copy.version(),
                voters.names(),
                state(view.first()),
                state(view.second()),
                whole ? null : state(view.witness()));
        Stored stored = new Stored(copy.found().value(), version, lives.idle(lease, mostLeft(view)));
        if (!copy.isTerminal()) {
            return new Done<>(Optional.of(stored));
        }
        Duration rest = lives.rest(copy);
        if (rest.isZero()) {
            return marks.forget(view);
        }
        return marks.restore(rest, view, Optional.of(stored));
    }

    private static @Nullable NodeState state(@Nullable NodeAnswer answer) {
        return answer instanceof Found found ? found.state() : null;
    }

    private static long mostLeft(CopyView view) {
        long first = view.first() instanceof Found found ? found.secondsLeft() : 0;
        long second = view.second() instanceof Found found ? found.secondsLeft() : 0;
        return first < 0 || second < 0 ? -1 : Math.max(first, second);
    }
}
