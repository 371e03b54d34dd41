package dev.coatcheck.store.memcached;

import dev.coatcheck.Envelope;
import dev.coatcheck.Envelope.Kind;
import dev.coatcheck.store.memcached.CopyStep.Done;
import dev.coatcheck.store.memcached.NodeAnswer.Absent;
import dev.coatcheck.store.memcached.NodeAnswer.Away;
import dev.coatcheck.store.memcached.NodeAnswer.Found;
import dev.coatcheck.store.memcached.NodeAnswer.Other;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
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
    private final boolean renew;

    /**
     * @param lease that the key was stored with
     * @param renew whether what is found is to live for that long from now on; else its lease stays
     */
    Relocation(CopyLives lives, Duration lease, boolean renew) {
        this.lives = lives;
        this.lease = lease;
        this.renew = renew;
    }

    /** What the owner has, or gets now from the former one; empty when there is nothing, for certain. */
    CopyStep<Optional<Found>> load() {
        return CopyStep.ask(OWNER, new NodeRequest.Get(true, renew ? lease : null), answer -> {
            if (answer instanceof Absent) {
                return fetch(null, 1);
            } else if (!(answer instanceof Found)) {
                throw CopyStep.unavailable("the node that has a session now does not answer");
            }
            Found found = (Found) answer;
            return isMoved(found.value())
                    ? fetch(found.state(), 1) // it was moved away from here, and is coming back
                    : finish(found).then(this::cut);
        });
    }

    /** What ends a key was just renewed by the look, as everything is: it gets its own end back. */
    private CopyStep<Optional<Found>> cut(Optional<Found> there) {
        Envelope envelope = there.isEmpty() ? null : Copy.envelope(there.get().value());
        if (!renew || envelope == null || !envelope.kind().isTerminal()) {
            return new Done<>(there);
        }
        Duration rest = lives.rest(envelope);
        return rest.isZero()
                ? new Done<>(Optional.empty())
                : CopyStep.ask(OWNER, new NodeRequest.Touch(rest), touched -> new Done<>(there));
    }

    /**
     * Stores a new key, and says so at the former node, where those look who have the list before. What came of it at the owner: if
     * the former one is away, it is away to them too.
     */
    CopyStep<NodeAnswer> create(byte[] value, Envelope envelope) {
        Envelope mark = mark(envelope);
        return new CopyStep.Ask<>(
                List.of(
                        new CopyStep.Call(OWNER, new NodeRequest.Add(NodeValue.of(value, envelope), lease)),
                        new CopyStep.Call(
                                FORMER, new NodeRequest.Add(NodeValue.of(mark.bytes(), mark), life(envelope)))),
                answers -> new Done<>(answers.get(0)));
    }

    /** @param over what the owner has, which is only the mark of an earlier move; null for nothing */
    private CopyStep<Optional<Found>> fetch(@Nullable NodeState over, int tries) {
        if (tries > TRIES) {
            throw CopyStep.unavailable("a session on its way to another node does not come to rest");
        }
        return CopyStep.ask(FORMER, new NodeRequest.Get(true, null), answer -> {
            if (answer instanceof Absent) {
                return new Done<>(Optional.empty());
            }
            if (!(answer instanceof Found found)) {
                throw CopyStep.unavailable(
                        "the node that had a session before the list of nodes changed does not answer");
            }
            Envelope envelope = Copy.envelope(found.value());
            if (envelope == null || envelope.kind() == Kind.TOMB || envelope.kind() == Kind.STUB) {
                return new Done<>(Optional.empty());
            } else if (envelope.kind() == Kind.MOVED) {
                byte[] record = Arrays.copyOfRange(found.value(), Envelope.BYTES, found.value().length);
                return record.length == 0 ? arrived() : put(over, record, found.state(), lease.toSeconds(), tries);
            }
            return close(over, found, envelope, tries);
        });
    }

    /** Another has just moved it: it is where it belongs, unless it was ended since. */
    private CopyStep<Optional<Found>> arrived() {
        return CopyStep.ask(OWNER, new NodeRequest.Get(true, null), answer -> {
            if (answer instanceof Away) {
                throw CopyStep.unavailable("the node that has a session now does not answer");
            }
            return answer instanceof Found found && !isMoved(found.value())
                    ? finish(found)
                    : new Done<>(Optional.empty());
        });
    }

    private CopyStep<Optional<Found>> close(@Nullable NodeState over, Found found, Envelope envelope, int tries) {
        byte[] head = mark(envelope).bytes();
        byte[] closed = Arrays.copyOf(head, head.length + found.value().length);
        System.arraycopy(found.value(), 0, closed, head.length, found.value().length);
        return CopyStep.ask(
                FORMER,
                new NodeRequest.Swap(NodeValue.of(closed, mark(envelope)), found.state(), life(envelope)),
                answer -> {
                    if (answer instanceof NodeAnswer.Done done && done.state() != null) {
                        return put(over, found.value(), done.state(), found.secondsLeft(), tries);
                    } else if (answer instanceof Other || answer instanceof Absent) {
                        return fetch(over, tries + 1);
                    }
                    throw CopyStep.unavailable(
                            "the node that had a session before the list of nodes changed does not answer");
                });
    }

    private static Envelope mark(Envelope of) {
        return new Envelope(
                Kind.MOVED, of.leaseClass(), of.ringKey(), 0, Envelope.TERMINAL_VERSION, of.end(), of.writeIds());
    }

    private CopyStep<Optional<Found>> put(
            @Nullable NodeState over, byte[] record, NodeState closed, long secondsLeft, int tries) {
        Envelope envelope = Envelope.of(record);
        NodeValue value = NodeValue.of(withBits(record, UNDER_WAY), envelope);
        Duration left = Duration.ofSeconds(Math.max(1, secondsLeft));
        Duration life = renew && !envelope.kind().isTerminal() ? lease : left;
        NodeRequest request = over == null ? new NodeRequest.Add(value, life) : new NodeRequest.Swap(value, over, life);
        return CopyStep.ask(OWNER, request, answer -> {
            if (answer instanceof NodeAnswer.Done done && done.state() != null) {
                Found there = new Found(done.state(), value.flags(), value.bytes(), secondsLeft);
                return empty(envelope, closed, () -> settle(there, life));
            } else if (answer instanceof Other || answer instanceof Absent) {
                return arrived().then(there -> there.isEmpty() ? fetch(null, tries + 1) : new Done<>(there));
            }
            throw CopyStep.unavailable("the node that has a session now does not take it");
        });
    }

    /** Empties the former place of a record that is already where it belongs. */
    CopyStep<Optional<Found>> finish(Found there) {
        if (!isUnderWay(Copy.envelope(there.value()))) {
            return new Done<>(Optional.of(there));
        }
        Duration life = renew ? lease : Duration.ofSeconds(Math.max(1, there.secondsLeft()));
        return CopyStep.ask(FORMER, new NodeRequest.Get(true, null), answer -> {
            if (answer instanceof Away) {
                throw CopyStep.unavailable(
                        "the node that had a session before the list of nodes changed does not answer");
            }
            boolean closed = answer instanceof Found found && isMoved(found.value());
            return closed && answer instanceof Found found && found.value().length > Envelope.BYTES
                    ? empty(Envelope.of(found.value()), found.state(), () -> settle(there, life))
                    : settle(there, life);
        });
    }

    /** Takes the bit away, so that later reads need not look at the former place again. */
    private CopyStep<Optional<Found>> settle(Found there, Duration life) {
        byte[] record = withBits(there.value(), 0);
        NodeRequest swap = new NodeRequest.Swap(new NodeValue(record, there.flags()), there.state(), life);
        return CopyStep.ask(OWNER, swap, answer -> {
            boolean done = answer instanceof NodeAnswer.Done settled && settled.state() != null;
            NodeState state = done ? ((NodeAnswer.Done) answer).state() : there.state();
            return new Done<>(Optional.of(
                    new Found(state == null ? there.state() : state, there.flags(), record, there.secondsLeft())));
        });
    }

    private CopyStep<Optional<Found>> empty(
            Envelope envelope, NodeState closed, Supplier<CopyStep<Optional<Found>>> then) {
        Envelope mark = mark(envelope);
        NodeValue emptied = NodeValue.of(mark.bytes(), mark);
        return CopyStep.ask(FORMER, new NodeRequest.Swap(emptied, closed, life(envelope)), answer -> {
            if (answer instanceof Away) {
                throw CopyStep.unavailable(
                        "the node that had a session before the list of nodes changed does not answer");
            }
            return then.get(); // who changed it meanwhile has emptied or ended it
        });
    }

    /** As long as the record could be there: then nobody with an old list writes there any more. */
    private Duration life(Envelope envelope) {
        Duration rest = lives.rest(envelope);
        return rest.compareTo(lease) > 0 ? rest : lease;
    }

    // The store's own bits.

    /** Whether the place of a value is another node. */
    static boolean isMoved(@Nullable Envelope envelope) {
        return envelope != null && envelope.kind() == Kind.MOVED;
    }

    private static boolean isMoved(byte[] value) {
        return isMoved(Copy.envelope(value));
    }

    private static boolean isUnderWay(@Nullable Envelope envelope) {
        return envelope != null && (envelope.storeBits() & UNDER_WAY) != 0;
    }

    /** A record as it is handed out, without the store's own bit. */
    static byte[] settled(byte[] value, @Nullable Envelope envelope) {
        return isUnderWay(envelope) ? withBits(value, 0) : value;
    }

    private static byte[] withBits(byte[] record, int bits) {
        byte[] copy = record.clone();
        copy[3] = (byte) (copy[3] & 0xF0 | bits);
        return copy;
    }
}
