package dev.coatcheck.store.memcached;

import static dev.coatcheck.store.memcached.Voters.FIRST;
import static dev.coatcheck.store.memcached.Voters.SECOND;
import static dev.coatcheck.store.memcached.Voters.WITNESS;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import dev.coatcheck.store.memcached.CopyStep.Done;
import dev.coatcheck.store.memcached.NodeAnswer.Absent;
import dev.coatcheck.store.memcached.NodeAnswer.Away;
import dev.coatcheck.store.memcached.NodeAnswer.Found;
import dev.coatcheck.store.memcached.NodeAnswer.Other;
import dev.coatcheck.store.memcached.NodeAnswer.Refused;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes one value to its two nodes, one after the other, so that of two writers one wins both. Where a node does not answer
 * the witness takes its place. A write that two of the three hold is decided; one that fewer hold is of unknown outcome, and
 * who looks again finds out.
 */
final class CopyWrites {
    /** How often one node is tried again when others write to it meanwhile. */
    private static final int TRIES = 4;

    private final Voters voters;
    private final CopyLives lives;
    private final CopyHints.OfKey hints;
    private final NodeValue value;
    private final Envelope envelope;
    private final Duration lease;
    private final Duration life;
    /** The version that this is written over; 0 for a new key. */
    private long base;
    /** What the witness was seen to have, which this follows; null: it is to be looked at. */
    private @Nullable NodeState seenVote;

    CopyWrites(Voters voters, CopyLives lives, CopyHints.OfKey hints, byte[] value, Duration lease) {
        this.voters = voters;
        this.lives = lives;
        this.hints = hints;
        this.envelope = Envelope.of(value);
        this.value = NodeValue.of(value, envelope);
        this.lease = lease;
        life = lives.of(envelope, lease);
    }

    // A new key.

    CopyStep<Written> create() {
        return voters.answers(FIRST)
                ? CopyStep.ask(FIRST, new NodeRequest.Add(value, life), this::createdFirst)
                : createOnlySecond();
    }

    private CopyStep<Written> createdFirst(NodeAnswer answer) {
        if (answer instanceof NodeAnswer.Done done && done.state() != null) {
            NodeState first = done.state();
            return voters.answers(SECOND)
                    ? CopyStep.ask(
                            SECOND, new NodeRequest.Add(value, life), second -> secondDone(first, second, 1, true))
                    : byWitness(first, null, 1);
        } else if (answer instanceof Other) {
            return not(Outcome.EXISTS);
        }
        return answer instanceof Away away && away.sent() ? not(Outcome.UNKNOWN) : createOnlySecond();
    }

    private CopyStep<Written> createOnlySecond() {
        if (!voters.answers(SECOND)) {
            return away("neither of its two nodes answers");
        }
        return CopyStep.ask(SECOND, new NodeRequest.Add(value, life), answer -> {
            if (answer instanceof NodeAnswer.Done done && done.state() != null) {
                return byWitness(null, done.state(), 1);
            } else if (answer instanceof Other) {
                return not(Outcome.EXISTS);
            }
            return answer instanceof Away away && away.sent()
                    ? not(Outcome.UNKNOWN)
                    : away("neither of its two nodes takes it");
        });
    }

    // In place of what was seen.

    CopyStep<Written> replace(Version seen) {
        if (!(seen instanceof CopiesVersion version) || !version.nodes().equals(voters.names())) {
            return not(Outcome.CONFLICT);
        }
        base = version.number();
        seenVote = version.vote();
        return voters.answers(FIRST) ? first(version) : onlySecond(version);
    }

    private CopyStep<Written> first(CopiesVersion seen) {
        return swap(FIRST, seen, () -> onlySecond(seen), state -> second(state, seen));
    }

    private CopyStep<Written> onlySecond(CopiesVersion seen) {
        if (!voters.answers(SECOND)) {
            return away("neither of its two nodes answers");
        }
        return swap(SECOND, seen, () -> away("neither of its two nodes takes it"), state -> byWitness(null, state, 1));
    }

    private interface Then {
        CopyStep<Written> step(NodeState state);
    }

    /** Writes to the node that decides between two writers. */
    private CopyStep<Written> swap(int place, CopiesVersion seen, Supplier<CopyStep<Written>> without, Then then) {
        NodeState over = seen.at(place);
        if (over == null) {
            return not(Outcome.CONFLICT); // it was out of reach when this was read, and is not now
        }
        return CopyStep.ask(place, new NodeRequest.Swap(value, over, life), answer -> {
            if (answer instanceof NodeAnswer.Done done && done.state() != null) {
                return then.step(done.state());
            } else if (answer instanceof Refused) {
                return without.get(); // it has no room, and has deleted what it had
            } else if (answer instanceof Away away) {
                return away.sent() ? not(Outcome.UNKNOWN) : without.get();
            }
            return not(Outcome.CONFLICT); // also where nothing is: the other node may have it
        });
    }

    private CopyStep<Written> second(NodeState first, CopiesVersion seen) {
        if (!voters.answers(SECOND)) {
            return byWitness(first, null, 1);
        }
        return seen.second() == null ? secondAgain(first, 1, false) : swapSecond(first, seen.second(), 1, false);
    }

    private CopyStep<Written> swapSecond(NodeState first, NodeState over, int tries, boolean created) {
        return CopyStep.ask(
                SECOND, new NodeRequest.Swap(value, over, life), answer -> secondDone(first, answer, tries, created));
    }

    private CopyStep<Written> secondDone(NodeState first, NodeAnswer answer, int tries, boolean created) {
        if (answer instanceof NodeAnswer.Done done && done.state() != null) {
            return stored(first, done.state(), false);
        }
        return answer instanceof Other || answer instanceof Absent
                ? secondAgain(first, tries, created)
                : byWitness(first, null, 1);
    }

    /**
     * The second node has something else than was seen there: what was written here, something older, or another branch. Then the
     * first one is looked at too, which may have forgotten what it took: after the second, whose state is only good for a write while
     * the first has its own.
     *
     * @param created whether the key was new
     */
    private CopyStep<Written> secondAgain(NodeState first, int tries, boolean created) {
        if (tries > TRIES) {
            return not(Outcome.UNKNOWN);
        }
        NodeRequest get = new NodeRequest.Get(true, null);
        return CopyStep.ask(
                SECOND,
                get,
                answer -> CopyStep.ask(FIRST, get, kept -> {
                    if (!(kept instanceof Found one) || !isKept(Copy.of(FIRST, one))) {
                        return not(Outcome.UNKNOWN); // forgotten there
                    } else if (answer instanceof Absent) {
                        return CopyStep.ask(
                                SECOND,
                                new NodeRequest.Add(value, life),
                                added -> secondDone(first, added, tries + 1, created));
                    }
                    if (!(answer instanceof Found found)) {
                        return byWitness(first, null, 1);
                    }
                    Copy copy = Copy.of(SECOND, found);
                    if (copy.isData() && isMine(copy)) {
                        return stored(first, found.state(), false);
                    } else if (copy.isTomb()) {
                        return buried(copy, FIRST, created ? Outcome.EXISTS : Outcome.UNKNOWN);
                    } else if (envelope.kind() == Envelope.Kind.TOMB || envelope.containsWrite(copy.newestWrite())) {
                        return swapSecond(first, found.state(), tries + 1, created);
                    }
                    return copy.isData() && copy.isFarAheadOf(envelope)
                            ? farAhead(first, found.state())
                            : not(Outcome.UNKNOWN);
                }));
    }

    /**
     * Others have written so often since that the second node's list no longer tells. They followed this write, as it was at the
     * first node, unless they did without that one: then the witness knows.
     */
    private CopyStep<Written> farAhead(NodeState first, NodeState second) {
        if (!voters.haveWitness()) {
            return stored(first, second, false);
        }
        return CopyStep.ask(WITNESS, new NodeRequest.Get(true, null), answer -> {
            boolean older = answer instanceof Found found && Copy.covers(envelope, Copy.of(WITNESS, found));
            return answer instanceof Absent || older ? stored(first, second, false) : not(Outcome.UNKNOWN);
        });
    }

    private boolean isKept(Copy copy) {
        return isMine(copy) || copy.isData() && copy.isFarAheadOf(envelope);
    }

    private boolean isMine(Copy copy) {
        boolean bothEnds = copy.isTomb() && envelope.kind() == Envelope.Kind.TOMB;
        return bothEnds
                || copy.envelope() != null
                        && copy.envelope().containsWrite(envelope.writeIds().get(0));
    }

    // With one of the two away.

    /** One node has it. The witness makes it two of three; without one it is as much as can be had. */
    private CopyStep<Written> byWitness(@Nullable NodeState first, @Nullable NodeState second, int tries) {
        hints.repair(first == null ? FIRST : SECOND, lease);
        if (!voters.haveWitness()) {
            return stored(first, second, true);
        } else if (tries > TRIES || !voters.answers(WITNESS)) {
            return not(Outcome.UNKNOWN);
        }
        NodeState over = seenVote;
        if (over != null && tries == 1) {
            return vote(new NodeRequest.Swap(value.stub(), over, life), first, second, tries);
        }
        return CopyStep.ask(WITNESS, new NodeRequest.Get(true, life), answer -> {
            if (answer instanceof Absent) {
                return vote(new NodeRequest.Add(value.stub(), life), first, second, tries);
            }
            if (!(answer instanceof Found found)) {
                return not(Outcome.UNKNOWN);
            }
            Copy copy = Copy.of(WITNESS, found);
            if (isMine(copy)) {
                return stored(first, second, false);
            } else if (copy.isTomb()) {
                return buried(copy, first == null ? SECOND : FIRST, Outcome.UNKNOWN);
            } else if (Copy.covers(envelope, copy) || isLongBefore(copy)) {
                return vote(new NodeRequest.Swap(value.stub(), found.state(), life), first, second, tries);
            }
            return not(Outcome.UNKNOWN);
        });
    }

    /** The mark of an old id does not tell how many versions were before it. */
    private boolean isLongBefore(Copy witness) {
        boolean session =
                witness.envelope() != null && !witness.isTerminal() && witness.version() < Envelope.TERMINAL_VERSION;
        return session && base - witness.version() >= Envelope.WRITE_IDS - 1;
    }

    private CopyStep<Written> vote(NodeRequest vote, @Nullable NodeState first, @Nullable NodeState second, int tries) {
        return CopyStep.ask(WITNESS, vote, answer -> {
            if (answer instanceof NodeAnswer.Done) {
                return stored(first, second, false);
            }
            return answer instanceof Other || answer instanceof Absent
                    ? byWitness(first, second, tries + 1)
                    : not(Outcome.UNKNOWN);
        });
    }

    /** The key was ended meanwhile: what was just written goes too, though somebody may have seen it before the end. */
    private CopyStep<Written> buried(Copy tomb, int place, Outcome outcome) {
        return CopyStep.ask(place, new NodeRequest.Bury(tomb.value(), lives.of(tomb, lease)), done -> {
            if (!(done instanceof NodeAnswer.Done)) {
                hints.bury(place, tomb.value());
            }
            return not(outcome);
        });
    }

    // Answers.

    private CopyStep<Written> stored(@Nullable NodeState first, @Nullable NodeState second, boolean degraded) {
        Version version = new CopiesVersion(envelope.version(), voters.names(), first, second, null);
        return new Done<>(new Written(Outcome.STORED, version, degraded));
    }

    private static CopyStep<Written> not(Outcome outcome) {
        return new Done<>(Written.not(outcome));
    }

    private static CopyStep<Written> away(String reason) {
        throw CopyStep.unavailable(reason);
    }
}
