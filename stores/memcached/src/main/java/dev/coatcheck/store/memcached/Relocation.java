package dev.coatcheck.store.memcached;

import dev.coatcheck.Envelope;
import dev.coatcheck.Envelope.Kind;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.store.memcached.CopyStep.Done;
import dev.coatcheck.store.memcached.NodeAnswer.Absent;
import dev.coatcheck.store.memcached.NodeAnswer.Away;
import dev.coatcheck.store.memcached.NodeAnswer.Found;
import dev.coatcheck.store.memcached.NodeAnswer.Other;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Brings a key's only copy from the node that had it, under the list of nodes before, to the one that has it now. First the old
 * place is closed, with the record inside, so that nobody writes there any more; then the record is put where it belongs; then the old
 * place is emptied, and only then is anything handed out. Whoever finds it half done goes on from there.
 */
final class Relocation {
    /** The node that has the key now. */
    static final int OWNER = 0;

    /** The node that had it. */
    static final int FORMER = 1;

    /** The bit of the store's own: the former place is not emptied yet. */
    private static final int UNDER_WAY = 1;

    private static final int TRIES = 4;

    private final CopyLives lives;
    private final Duration lease;
    private final @Nullable NodeState over;

    /**
     * @param lease that the key was stored with
     * @param over what the owner has, which is only the mark of an earlier move; null for nothing
     */
    Relocation(CopyLives lives, Duration lease, @Nullable NodeState over) {
        this.lives = lives;
        this.lease = lease;
        this.over = over;
    }

    /** What was moved, as the owner has it now; empty when there is nothing, for certain. */
    CopyStep<Optional<Found>> move() {
        return fetch(1);
    }

    private CopyStep<Optional<Found>> fetch(int tries) {
        if (tries > TRIES) {
            throw unavailable("a session on its way to another node does not come to rest");
        }
        return CopyStep.ask(FORMER, new NodeRequest.Get(true, null), answer -> {
            if (answer instanceof Absent) {
                return new Done<>(Optional.empty());
            }
            if (!(answer instanceof Found found)) {
                throw unavailable("the node that had a session before the list of nodes changed does not answer");
            }
            Envelope envelope = Copy.envelope(found.value());
            if (envelope == null || envelope.kind() == Kind.TOMB || envelope.kind() == Kind.STUB) {
                return new Done<>(Optional.empty());
            } else if (envelope.kind() == Kind.MOVED) {
                byte[] record = Arrays.copyOfRange(found.value(), Envelope.BYTES, found.value().length);
                return record.length == 0 ? arrived() : put(record, found.state(), found.secondsLeft(), tries);
            }
            return close(found, envelope, tries);
        });
    }

    /** Another has just moved it: it is where it belongs, unless it was ended since. */
    private CopyStep<Optional<Found>> arrived() {
        return CopyStep.ask(OWNER, new NodeRequest.Get(true, lease), answer -> {
            if (answer instanceof Away) {
                throw unavailable("the node that has a session now does not answer");
            }
            boolean there = answer instanceof Found found && !isMoved(found.value());
            return new Done<>(there ? Optional.of((Found) answer) : Optional.empty());
        });
    }

    private CopyStep<Optional<Found>> close(Found found, Envelope envelope, int tries) {
        byte[] head = mark(envelope).bytes();
        byte[] closed = Arrays.copyOf(head, head.length + found.value().length);
        System.arraycopy(found.value(), 0, closed, head.length, found.value().length);
        return CopyStep.ask(
                FORMER,
                new NodeRequest.Swap(NodeValue.of(closed, mark(envelope)), found.state(), life(envelope)),
                answer -> {
                    if (answer instanceof NodeAnswer.Done done && done.state() != null) {
                        return put(found.value(), done.state(), found.secondsLeft(), tries);
                    } else if (answer instanceof Other || answer instanceof Absent) {
                        return fetch(tries + 1);
                    }
                    throw unavailable("the node that had a session before the list of nodes changed does not answer");
                });
    }

    private static Envelope mark(Envelope of) {
        return new Envelope(
                Kind.MOVED, of.leaseClass(), of.ringKey(), 0, Envelope.TERMINAL_VERSION, of.end(), of.writeIds());
    }

    private CopyStep<Optional<Found>> put(byte[] record, NodeState closed, long secondsLeft, int tries) {
        Envelope envelope = Envelope.of(record);
        NodeValue value = NodeValue.of(withBits(record, UNDER_WAY), envelope);
        Duration life = envelope.kind().isTerminal() ? lives.of(envelope, lease) : lease;
        NodeRequest request = over == null ? new NodeRequest.Add(value, life) : new NodeRequest.Swap(value, over, life);
        return CopyStep.ask(OWNER, request, answer -> {
            if (answer instanceof NodeAnswer.Done done && done.state() != null) {
                Found there = new Found(done.state(), value.flags(), record, secondsLeft);
                return empty(envelope, closed, () -> new Done<>(Optional.of(there)));
            } else if (answer instanceof Other || answer instanceof Absent) {
                return arrived().then(there -> there.isEmpty() ? fetch(tries + 1) : finish(there.get()));
            }
            throw unavailable("the node that has a session now does not take it");
        });
    }

    /** Empties the former place of a record that is already where it belongs. */
    CopyStep<Optional<Found>> finish(Found there) {
        if (!isUnderWay(there.value())) {
            return new Done<>(Optional.of(there));
        }
        Found shown = new Found(there.state(), there.flags(), withBits(there.value(), 0), there.secondsLeft());
        return CopyStep.ask(FORMER, new NodeRequest.Get(true, null), answer -> {
            if (answer instanceof Away) {
                throw unavailable("the node that had a session before the list of nodes changed does not answer");
            }
            boolean closed = answer instanceof Found found && isMoved(found.value());
            return closed && answer instanceof Found found && found.value().length > Envelope.BYTES
                    ? empty(Envelope.of(found.value()), found.state(), () -> new Done<>(Optional.of(shown)))
                    : new Done<>(Optional.of(shown));
        });
    }

    private interface Then {
        CopyStep<Optional<Found>> step();
    }

    private CopyStep<Optional<Found>> empty(Envelope envelope, NodeState closed, Then then) {
        Envelope mark = mark(envelope);
        NodeValue emptied = NodeValue.of(mark.bytes(), mark);
        return CopyStep.ask(FORMER, new NodeRequest.Swap(emptied, closed, life(envelope)), answer -> {
            if (answer instanceof Away) {
                throw unavailable("the node that had a session before the list of nodes changed does not answer");
            }
            return then.step(); // who changed it meanwhile has emptied or ended it
        });
    }

    /** As long as the record could be there: then nobody with an old list writes there any more. */
    private Duration life(Envelope envelope) {
        Duration rest = lives.rest(envelope);
        return rest.compareTo(lease) > 0 ? rest : lease;
    }

    // The store's own bits.

    /** Whether the place of this value is another node. */
    static boolean isMoved(byte[] value) {
        Envelope envelope = Copy.envelope(value);
        return envelope != null && envelope.kind() == Kind.MOVED;
    }

    /** Whether the former place of this record may not be emptied yet. */
    static boolean isUnderWay(byte[] value) {
        Envelope envelope = Copy.envelope(value);
        return envelope != null && (envelope.storeBits() & UNDER_WAY) != 0;
    }

    private static byte[] withBits(byte[] record, int bits) {
        byte[] copy = record.clone();
        copy[3] = (byte) (copy[3] & 0xF0 | bits);
        return copy;
    }

    private static SessionUnavailableException unavailable(String reason) {
        return new SessionUnavailableException("The session store is away: " + reason, null);
    }
}
