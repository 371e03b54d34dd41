package dev.coatcheck.store.memcached;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionCache.Cached;
import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.memcached.Command;
import dev.coatcheck.memcached.MemcachedException;
import dev.coatcheck.memcached.MemcachedException.Fate;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.memcached.Placement;
import dev.coatcheck.memcached.Reply;
import dev.coatcheck.memcached.Reply.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Keeps each session on the one node that its key leads to: each verb is one command. */
final class OneCopy implements Copies {
    /** Longer than any query of a durable store should take, and short when its caller died. */
    private static final int CLAIM_SECONDS = 5;

    private final Parts parts;
    private final CopyLives lives;
    private final long openedAt = System.nanoTime();
    /** The last list of nodes of which it was found that others have a newer one; null: none was. */
    private volatile @Nullable Placement outdated;
    /** Of a durable store, which has what is not at its node. */
    private volatile boolean inFront;

    OneCopy(Parts parts) {
        this.parts = parts;
        lives = new CopyLives(parts.clock());
    }

    void standInFront() {
        inFront = true;
    }

    @Override
    public Optional<Stored> load(Key key, Duration lease) {
        return look(key, () -> value(renew(key, lease, false)), () -> moved(key, lease, true));
    }

    /** At its node alone while no other may have it; the list of nodes may change during that, and then the node is another. */
    private Optional<Stored> look(
            Key key, Supplier<Optional<Stored>> atItsNode, Supplier<Optional<Stored>> whereItWas) {
        if (former(key) == null) {
            Optional<Stored> found = atItsNode.get();
            if (found.isPresent() || former(key) == null) {
                return found;
            }
        }
        return whereItWas.get();
    }

    private @Nullable MemcachedNode former(Key key) {
        return former(key, parts.client().placement());
    }

    private @Nullable MemcachedNode former(Key key, Placement placement) {
        return inFront ? null : placement.formerOwner(name(key));
    }

    /** While another node may still have it. */
    private Optional<Stored> moved(Key key, Duration lease, boolean renew) {
        Relocation relocation = new Relocation(lives, lease, renew);
        Exptime exptime = Exptime.of(lease, parts.clock().instant());
        Placement placement = parts.client().placement();
        return run(key, placement, relocation.load())
                .filter(found -> !ClientFlags.isTomb(found.flags()))
                .map(found -> new Stored(
                        found.value(),
                        new MemcachedVersion(
                                number(Copy.envelope(found.value())),
                                found.state().cas(),
                                found.state().server(),
                                placement.owner(name(key)).name()),
                        exptime.idle(found.secondsLeft())));
    }

    private <R> R run(Key key, Placement placement, CopyStep<R> step) {
        MemcachedNode owner = placement.owner(name(key));
        MemcachedNode former = former(key, placement);
        List<MemcachedNode> places = List.of(owner, former == null ? owner : former);
        return new CopyDriver(name(key), places, parts.client().timeout(), parts.clock()).run(step);
    }

    Cached claim(Key key, Duration lease) {
        return renew(key, lease, true)
                .orElseThrow(() -> new SessionUnavailableException("The session store left no claim", null));
    }

    private Optional<Cached> renew(Key key, Duration lease, boolean claim) {
        long deadline = deadline();
        Exptime exptime = Exptime.of(lease, parts.clock().instant());
        Command load = look(key).touch(exptime.number());
        MemcachedNode node = owner(key);
        Reply reply = orUnavailable(key, node, claim ? load.claim(CLAIM_SECONDS) : load, deadline);
        if (reply.status() == Status.ABSENT) {
            return Optional.empty();
        }
        byte[] value = Objects.requireNonNull(reply.value(), "asked for");
        Envelope last = ClientFlags.isTerminal(reply.flags()) ? terminal(value, reply.flags()) : null;
        if (last != null && !cut(key, node, reply, last, deadline)) {
            if (!lives.rest(last).isZero()) {
                mustBeHere(last);
            }
            return Optional.of(new Cached.Buried());
        }
        return Optional.of(cached(node, reply, value, exptime));
    }

    @Override
    public Optional<Stored> peek(Key key, Duration lease) {
        return look(key, () -> value(see(key, lease)), () -> moved(key, lease, false));
    }

    Optional<Cached> see(Key key, Duration lease) {
        Exptime exptime = Exptime.of(lease, parts.clock().instant());
        MemcachedNode node = owner(key);
        Reply reply = orUnavailable(key, node, look(key), deadline());
        if (reply.status() == Status.ABSENT) {
            return Optional.empty();
        }
        byte[] value = Objects.requireNonNull(reply.value(), "asked for");
        return Optional.of(cached(node, reply, value, exptime));
    }

    private Command look(Key key) {
        return Command.get(name(key)).value().cas().flags().secondsLeft();
    }

    private Cached cached(MemcachedNode node, Reply reply, byte[] value, Exptime exptime) {
        if (ClientFlags.isTomb(reply.flags()) && terminal(value, reply.flags()) != null) {
            return new Cached.Buried();
        }
        Envelope envelope = Copy.envelope(value);
        if (ClientFlags.isTerminal(reply.flags())) {
            mustBeHere(terminal(value, reply.flags()));
        }
        Version version = version(node, reply, number(envelope));
        return value.length == 0
                ? new Cached.Claimed(version, reply.won())
                : new Cached.Found(
                        new Stored(Relocation.settled(value, envelope), version, exptime.idle(reply.secondsLeft())));
    }

    private void mustBeHere(@Nullable Envelope envelope) {
        if (Relocation.isMoved(envelope)) {
            outdated = parts.client().placement();
            throw new SessionUnavailableException(
                    "The session store is away: a session was moved to a node that is not in this server's list", null);
        }
    }

    /** To callers that make no claims, one is a value that is none of theirs. */
    private static Optional<Stored> value(Optional<Cached> cached) {
        return cached.flatMap(there -> {
            if (there instanceof Cached.Found found) {
                return Optional.of(found.stored());
            }
            return there instanceof Cached.Claimed claimed
                    ? Optional.of(new Stored(new byte[0], claimed.claim(), Duration.ZERO))
                    : Optional.empty();
        });
    }

    /** Of what ends its key; null where the flags say so and the value does not, which the manager judges. */
    private static @Nullable Envelope terminal(byte[] value, long flags) {
        Envelope envelope = Copy.envelope(value);
        return envelope != null && ClientFlags.of(envelope) == flags ? envelope : null;
    }

    /**
     * What ends a key was just renewed by the load, as everything is: it gets its own end back.
     *
     * @return false when there is nothing left to hand out
     */
    private boolean cut(Key key, MemcachedNode node, Reply found, Envelope envelope, long deadline) {
        long rest = envelope.end() - parts.clock().instant().getEpochSecond();
        boolean oldId = ClientFlags.isOldId(found.flags());
        if (oldId && found.secondsLeft() >= 0) {
            rest = Math.min(rest, found.secondsLeft());
        }
        if (rest < 1) {
            Command delete = Command.delete(name(key)).ifCas(found.cas()).onlyOn(found.server());
            orUnavailable(key, node, delete, deadline);
            return false;
        }
        int exptime =
                Exptime.of(Duration.ofSeconds(rest), parts.clock().instant()).number();
        orUnavailable(key, node, Command.get(name(key)).touch(exptime), deadline);
        return oldId;
    }

    @Override
    public Written create(Key key, byte[] value, Duration lease) {
        Envelope envelope = Envelope.of(value);
        Placement placement = parts.client().placement();
        MemcachedNode node = placement.owner(name(key));
        if (former(key, placement) == null) {
            return write(key, node, envelope, set(key, envelope, value, lease).create());
        }
        parts.mustFit(value);
        NodeAnswer answer = run(key, placement, new Relocation(lives, lease, true).create(value.clone(), envelope));
        if (answer instanceof NodeAnswer.Done done && done.state() != null) {
            NodeState state = done.state();
            return Written.stored(new MemcachedVersion(envelope.version(), state.cas(), state.server(), node.name()));
        } else if (answer instanceof NodeAnswer.Other) {
            return Written.not(Outcome.EXISTS);
        } else if (answer instanceof NodeAnswer.Away away && away.sent()) {
            return Written.not(Outcome.UNKNOWN);
        }
        throw CopyStep.unavailable("the node that has a session does not take it");
    }

    @Override
    public Written replace(Key key, byte[] value, Version seen, Duration lease) {
        MemcachedNode node = owner(key);
        if (!(seen instanceof MemcachedVersion version) || !version.node().equals(node.name())) {
            return Written.not(Outcome.CONFLICT);
        }
        Envelope envelope = Envelope.of(value);
        Command set = set(key, envelope, value, lease).ifCas(version.cas()).onlyOn(version.server());
        return write(key, node, envelope, set);
    }

    private Command set(Key key, Envelope envelope, byte[] value, Duration lease) {
        parts.mustFit(value);
        return Command.set(name(key), value.clone())
                .cas()
                .clientFlags(ClientFlags.of(envelope))
                .expire(Exptime.of(lease, parts.clock().instant()).number());
    }

    private Written write(Key key, MemcachedNode node, Envelope envelope, Command set) {
        Reply reply;
        try {
            reply = node.execute(set);
        } catch (MemcachedException e) {
            return switch (e.fate()) {
                case UNKNOWN -> Written.not(Outcome.UNKNOWN);
                case OTHER_SERVER -> Written.not(Outcome.CONFLICT);
                case NOT_SENT, REFUSED -> throw unavailable(key, e);
            };
        }
        return switch (reply.status()) {
            case DONE -> Written.stored(version(node, reply, envelope.version()));
            case NOT_STORED -> Written.not(Outcome.EXISTS);
            case EXISTS -> Written.not(Outcome.CONFLICT);
            case ABSENT -> Written.not(Outcome.GONE);
        };
    }

    private static Version version(MemcachedNode node, Reply reply, long number) {
        return new MemcachedVersion(number, reply.cas(), reply.server(), node.name());
    }

    /** Of a value; 0 of a claim, and of what is none of ours. */
    private static long number(@Nullable Envelope envelope) {
        return envelope == null ? 0 : envelope.version();
    }

    @Override
    public boolean end(Key key, Instant until) {
        if (former(key) != null) {
            return endMoved(key, until);
        }
        try {
            long deadline = deadline();
            MemcachedNode node = owner(key);
            if (outdated == parts.client().placement()) {
                Reply there = askTwice(node, look(key), deadline);
                if (there.value() != null && Relocation.isMoved(Copy.envelope(there.value()))) {
                    return false; // it lives on at a node that this server has not heard of
                }
            }
            askTwice(node, Command.delete(name(key)), deadline);
            boolean changed = former(key) != null; // the list, meanwhile: it may have been another node's
            return !changed || endMoved(key, until);
        } catch (MemcachedException e) {
            if (parts.isClosed()) {
                throw unavailable(key, e);
            }
            return false;
        }
    }

    private boolean endMoved(Key key, Instant until) {
        return run(key, parts.client().placement(), new RelocationEnd(lives, until).end());
    }

    @Override
    public Outcome end(Key key, Version seen, Instant until) {
        Placement placement = parts.client().placement();
        MemcachedNode node = placement.owner(name(key));
        if (!(seen instanceof MemcachedVersion version) || !version.node().equals(node.name())) {
            return Outcome.CONFLICT;
        }
        if (former(key, placement) != null) {
            NodeState state = new NodeState(version.cas(), version.server());
            return run(key, placement, new RelocationEnd(lives, until).end(state));
        }
        Command delete = Command.delete(name(key)).ifCas(version.cas()).onlyOn(version.server());
        try {
            return askTwice(node, delete, deadline()).status() == Status.EXISTS ? Outcome.CONFLICT : Outcome.GONE;
        } catch (MemcachedException e) {
            if (parts.isClosed()) {
                throw unavailable(key, e);
            }
            return e.fate() == Fate.OTHER_SERVER ? Outcome.CONFLICT : Outcome.UNKNOWN;
        }
    }

    boolean bury(Key key, Instant until) {
        long rest =
                Math.max(1, until.getEpochSecond() + 1 - parts.clock().instant().getEpochSecond());
        Envelope tomb = Envelope.tomb(until);
        Command set = Command.set(name(key), tomb.bytes())
                .clientFlags(ClientFlags.of(tomb))
                .expire(Exptime.of(Duration.ofSeconds(rest), parts.clock().instant())
                        .number());
        try {
            askTwice(owner(key), set, deadline());
            return true;
        } catch (MemcachedException e) {
            if (parts.isClosed()) {
                throw unavailable(key, e);
            }
            return false;
        }
    }

    Duration steadyFor(Key key) {
        // Before this store was opened nobody looked.
        Duration opened = Duration.ofNanos(System.nanoTime() - openedAt);
        Duration node = owner(key).steadyFor();
        // A node that was in the list before may hold what was the key's then.
        Duration list = parts.client().listChangedFor();
        return Collections.min(List.of(opened, node, list));
    }

    /** When a call of now is over, however many commands it takes; by the system's elapsed time. */
    private long deadline() {
        return System.nanoTime() + parts.client().timeout().toNanos();
    }

    private static Duration left(long deadline) {
        return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
    }

    /** What may be repeated is, on a new connection, when the first one was lost and there is time left. */
    private static Reply askTwice(MemcachedNode node, Command command, long deadline) {
        try {
            return node.execute(command, left(deadline));
        } catch (MemcachedException e) {
            boolean mayHelp =
                    e.fate() == Fate.UNKNOWN && !Thread.currentThread().isInterrupted();
            if (!mayHelp || left(deadline).isZero()) {
                throw e;
            }
            return node.execute(command, left(deadline));
        }
    }

    private Reply orUnavailable(Key key, MemcachedNode node, Command command, long deadline) {
        try {
            return askTwice(node, command, deadline);
        } catch (MemcachedException e) {
            throw unavailable(key, e);
        }
    }

    private SessionUnavailableException unavailable(Key key, MemcachedException cause) {
        if (cause.fate() == Fate.REFUSED) {
            parts.tell(SessionEvent.Kind.DEGRADED, key);
        }
        return new SessionUnavailableException("The session store is away: " + cause.getMessage(), cause);
    }

    private MemcachedNode owner(Key key) {
        return parts.client().owner(name(key));
    }

    private String name(Key key) {
        return parts.name(key);
    }

    @Override
    public CopyStats stats() {
        return CopyStats.ONE_COPY;
    }

    @Override
    public void close() {
        parts.close();
    }
}
