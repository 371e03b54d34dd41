package dev.coatcheck.store.memcached;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.memcached.ServerIdentity;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Opens the functions of two copies, which are this package's own, to the simulation: those of one process of the application. */
public final class SimCopySteps {
    private final Nodes nodes;
    private final CopyLives lives;
    private final CopyHints hints = new CopyHints();
    private final String fault;
    private final Set<String> delivering = new HashSet<>();

    /** The nodes as one process of the application sees them. */
    public interface Nodes {
        /** Of a key, by place. */
        List<String> of(Key key);

        /** Whether one is believed to answer. */
        boolean isUp(String node);

        /** Which process of the server answers. */
        long running(String node);

        /**
         * Sends a command.
         *
         * @param again whether it may be sent again when no answer comes
         */
        <A> void send(
                String node,
                Key key,
                Supplier<String> label,
                boolean again,
                Function<Server, A> command,
                Consumer<Told<A>> then);
    }

    /**
     * What comes of a command.
     *
     * @param answer null when none came
     * @param sent false when it has certainly not run and never will
     */
    public record Told<A>(@Nullable A answer, boolean sent) {}

    /** What can be done with one key at one server, at the moment when a command is carried out. */
    public interface Server {
        /** Which process of it this is. */
        long process();

        /** Reads; null where nothing is. */
        @Nullable
        Held get(@Nullable Duration renew);

        /** Stores where nothing is. */
        Did add(byte[] value, long flags, Duration life);

        /** Stores in place of one state. */
        Did swap(byte[] value, long flags, long cas, Duration life);

        /** Stores whatever is there. */
        Did set(byte[] value, long flags, Duration life);

        /** Deletes one state. */
        Did delete(long cas);
    }

    /** What a server has under a key. */
    public record Held(byte[] value, long flags, long cas, long secondsLeft) {}

    /**
     * The answer to a write.
     *
     * @param cas the new state's, where it was done
     * @param absent whether nothing is there
     * @param refused whether there is no room
     */
    public record Did(boolean done, long cas, boolean absent, boolean refused) {}

    /** @param fault the name of the fault that is planted */
    public SimCopySteps(Nodes nodes, Clock clock, String fault) {
        this.nodes = nodes;
        this.fault = fault;
        lives = new CopyLives(clock);
    }

    // The verbs of a store, as in TwoCopies.

    public void load(
            Key key, Duration lease, Consumer<Optional<Stored>> done, Consumer<SessionUnavailableException> failed) {
        Verb verb = new Verb(key, false);
        SimCopyFaults planted = new SimCopyFaults(fault, SimCopyFaults.In.READ, verb::behind);
        run(
                verb,
                () -> planted.read(lease, new CopyReads(verb, lives, verb.missed(), lease, true)::load),
                done,
                failure -> {
                    if (fault.equals("AWAY_IS_ABSENT")) {
                        done.accept(Optional.empty());
                    } else {
                        failed.accept(failure);
                    }
                });
    }

    public void create(
            Key key,
            byte[] value,
            Duration lease,
            Consumer<Written> done,
            Consumer<SessionUnavailableException> failed) {
        Verb verb = new Verb(key, false);
        SimCopyFaults planted = new SimCopyFaults(fault, SimCopyFaults.In.WRITE, verb::behind);
        run(verb, () -> planted.in(writes(verb, value, lease).create()), done, failed);
    }

    public void replace(
            Key key,
            byte[] value,
            Version seen,
            Duration lease,
            Consumer<Written> done,
            Consumer<SessionUnavailableException> failed) {
        Verb verb = new Verb(key, false);
        SimCopyFaults planted = new SimCopyFaults(fault, SimCopyFaults.In.WRITE, verb::behind);
        run(
                verb,
                () -> planted.write(
                        value, seen, lease, () -> writes(verb, value, lease).replace(planted.version(seen, verb))),
                done,
                failed);
    }

    private CopyWrites writes(Verb verb, byte[] value, Duration lease) {
        return new CopyWrites(verb, lives, verb.missed(), value, lease);
    }

    public void end(Key key, Instant until, Consumer<Boolean> done, Consumer<SessionUnavailableException> failed) {
        Verb verb = new Verb(key, false);
        SimCopyFaults planted = new SimCopyFaults(fault, SimCopyFaults.In.END, verb::behind);
        run(verb, () -> planted.in(new CopyEnds(verb, lives, verb.missed(), until).end()), done, failed);
    }

    public void end(
            Key key,
            Version seen,
            Instant until,
            Consumer<Outcome> done,
            Consumer<SessionUnavailableException> failed) {
        Verb verb = new Verb(key, false);
        SimCopyFaults planted = new SimCopyFaults(fault, SimCopyFaults.In.END, verb::behind);
        run(verb, () -> planted.in(new CopyEnds(verb, lives, verb.missed(), until).end(seen)), done, failed);
    }

    // The verbs of one copy that may be on its way from one node to another, as in OneCopy.

    /** Makes a version of a node's state. */
    public interface Versions {
        Version of(long number, long cas, int process);
    }

    public void move(
            Key key,
            Duration lease,
            Versions versions,
            Consumer<Optional<Stored>> done,
            Consumer<SessionUnavailableException> failed) {
        SimCopyFaults planted = new SimCopyFaults(fault, SimCopyFaults.In.MOVE, calls -> {});
        run(
                new Verb(key, false),
                () -> planted.in(new Relocation(lives, lease, true).load())
                        .then(there -> new CopyStep.Done<>(there.filter(found -> !ClientFlags.isTomb(found.flags()))
                                .map(found -> {
                                    NodeState state = found.state();
                                    int version = Envelope.of(found.value()).version();
                                    return new Stored(
                                            found.value(),
                                            versions.of(version, state.cas(), (int)
                                                    state.server().pid()),
                                            lives.idle(lease, found.secondsLeft()));
                                }))),
                done,
                failed);
    }

    /**
     * A new key.
     *
     * @param done with null where it is certain that it is not stored
     */
    public void createMoved(
            Key key, byte[] value, Duration lease, Versions versions, Consumer<@Nullable Written> done) {
        Envelope envelope = Envelope.of(value);
        CopyStep<NodeAnswer> step = new Relocation(lives, lease, true).create(value, envelope);
        run(
                new Verb(key, false),
                () -> step,
                answer -> {
                    if (answer instanceof NodeAnswer.Done made && made.state() != null) {
                        NodeState state = made.state();
                        done.accept(Written.stored(versions.of(envelope.version(), state.cas(), (int)
                                state.server().pid())));
                    } else if (answer instanceof NodeAnswer.Other) {
                        done.accept(Written.not(Outcome.EXISTS));
                    } else {
                        boolean unknown = answer instanceof NodeAnswer.Away away && away.sent();
                        done.accept(unknown ? Written.not(Outcome.UNKNOWN) : null);
                    }
                },
                failure -> done.accept(null));
    }

    public void endMoved(Key key, Instant until, Consumer<Boolean> done) {
        SimCopyFaults planted = new SimCopyFaults(fault, SimCopyFaults.In.END, calls -> {});
        run(
                new Verb(key, false),
                () -> planted.in(new RelocationEnd(lives, until).end()),
                done,
                failure -> done.accept(false));
    }

    public void endMoved(Key key, long cas, int process, Instant until, Consumer<Outcome> done) {
        SimCopyFaults planted = new SimCopyFaults(fault, SimCopyFaults.In.END, calls -> {});
        NodeState seen = new NodeState(cas, new ServerIdentity(process, 0));
        run(
                new Verb(key, false),
                () -> planted.in(new RelocationEnd(lives, until).end(seen)),
                done,
                failure -> done.accept(Outcome.UNKNOWN));
    }

    public static boolean isMoved(byte[] value) {
        return Relocation.isMoved(Copy.envelope(value));
    }

    /** A record without the store's own bit. */
    public static byte[] settled(byte @Nullable [] value) {
        return value == null ? null : Relocation.settled(value, Copy.envelope(value));
    }

    /** The record in a place that is closed for a move; null where that is empty, and what is there where it is not closed. */
    public static byte @Nullable [] unpacked(byte[] value) {
        if (!isMoved(value)) {
            return value;
        }
        return value.length == Envelope.BYTES ? null : Arrays.copyOfRange(value, Envelope.BYTES, value.length);
    }

    // Behind the requests, as in CopyDelivery.

    /** Whether a node has missed something that this process knows of. */
    public boolean isMissing(String node) {
        return hints.wait(node);
    }

    /** Forgets what nodes have missed that are in its list no more. */
    public void keep(List<String> list) {
        hints.keep(Set.copyOf(list));
    }

    /** Brings to a node one thing after another that it has missed. */
    public void deliver(String node) {
        if (delivering.add(node)) {
            deliver(node, new TreeMap<>(hints.of(node)).entrySet().iterator());
        }
    }

    private void deliver(String node, Iterator<Map.Entry<Key, CopyHints.Hint>> missed) {
        if (!missed.hasNext() || !nodes.isUp(node)) {
            delivering.remove(node);
            return;
        }
        Map.Entry<Key, CopyHints.Hint> entry = missed.next();
        Consumer<Boolean> then = settled -> {
            if (settled) {
                hints.delivered(node, entry.getKey(), entry.getValue());
            }
            deliver(node, missed);
        };
        Verb verb = new Verb(entry.getKey(), true);
        int place = verb.names().indexOf(node);
        if (place < 0) {
            then.accept(true); // the key's nodes have changed
            return;
        }
        SimCopyFaults planted = new SimCopyFaults(fault, SimCopyFaults.In.READ, verb::behind);
        run(
                verb,
                () -> planted.in(CopyDelivery.mend(verb, lives, verb.missed(), place, entry.getValue())),
                then,
                failure -> then.accept(failure.lost()));
    }

    /** One verb on one key. */
    private final class Verb implements Voters {
        private final Key key;
        /** The list of nodes may change meanwhile: a verb keeps to the one that it began with. */
        private final List<String> names;
        /** Whether nodes are used also that wait for what they missed. */
        private final boolean delivers;

        Verb(Key key, boolean delivers) {
            this.key = key;
            this.names = nodes.of(key);
            this.delivers = delivers;
        }

        @Override
        public List<String> names() {
            return names;
        }

        /** As {@link CopyNodes} has it. */
        @Override
        public boolean answers(int place) {
            String node = names.get(place);
            return nodes.isUp(node) && (delivers || haveWitness() || !hints.wait(node));
        }

        CopyHints.OfKey missed() {
            return hints.of(key, this);
        }

        void behind(List<CopyStep.Call> calls) {
            calls.forEach(call -> send(this, call, answer -> {}));
        }
    }

    private <R> void run(
            Verb verb, Supplier<CopyStep<R>> next, Consumer<R> done, Consumer<SessionUnavailableException> failed) {
        CopyStep<R> step;
        try {
            step = next.get();
        } catch (SessionUnavailableException e) {
            failed.accept(e);
            return;
        }
        if (step instanceof CopyStep.Done<R> end) {
            done.accept(end.result());
        } else if (step instanceof CopyStep.Ask<R> ask) {
            NodeAnswer[] answers = new NodeAnswer[ask.calls().size()];
            int[] missing = {answers.length};
            for (int i = 0; i < answers.length; i++) {
                int index = i;
                send(verb, ask.calls().get(i), answer -> {
                    answers[index] = answer;
                    if (--missing[0] == 0) {
                        run(verb, () -> ask.then().apply(Arrays.asList(answers)), done, failed);
                    }
                });
            }
        }
    }

    // The commands, as in CopyDriver.

    private void send(Verb verb, CopyStep.Call call, Consumer<NodeAnswer> then) {
        NodeRequest request = call.request();
        String node = verb.names().get(call.place());
        ServerIdentity only = onlyOn(request);
        if (!nodes.isUp(node)) {
            then.accept(new NodeAnswer.Away(false, "believed away"));
        } else if (only != null && only.pid() != nodes.running(node)) {
            then.accept(new NodeAnswer.Other());
        } else {
            nodes.<NodeAnswer>send(
                    node,
                    verb.key,
                    () -> label(request),
                    request.isRepeatable(),
                    server -> answer(server, request),
                    told -> then.accept(
                            told.answer() != null ? told.answer() : new NodeAnswer.Away(told.sent(), "no answer")));
        }
    }

    private static @Nullable ServerIdentity onlyOn(NodeRequest request) {
        if (request instanceof NodeRequest.Swap swap) {
            return swap.over().server();
        }
        return request instanceof NodeRequest.Delete delete ? delete.over().server() : null;
    }

    private static NodeAnswer answer(Server server, NodeRequest request) {
        if (request instanceof NodeRequest.Get get) {
            Held held = server.get(get.renew());
            if (held == null) {
                return new NodeAnswer.Absent();
            }
            byte[] value = get.value() ? held.value() : new byte[0];
            return new NodeAnswer.Found(state(server, held.cas()), held.flags(), value, held.secondsLeft());
        } else if (request instanceof NodeRequest.Touch touch) {
            return server.get(touch.life()) == null ? new NodeAnswer.Absent() : new NodeAnswer.Done(null);
        } else if (request instanceof NodeRequest.Delete delete) {
            Did did = server.delete(delete.over().cas());
            return did.done() ? new NodeAnswer.Done(null) : not(did);
        } else if (request instanceof NodeRequest.Bury bury) {
            return stored(server, server.set(bury.tomb().bytes(), bury.tomb().flags(), bury.life()));
        } else if (request instanceof NodeRequest.Add add) {
            return stored(server, server.add(add.value().bytes(), add.value().flags(), add.life()));
        } else if (request instanceof NodeRequest.Swap swap) {
            NodeValue value = swap.value();
            return stored(
                    server,
                    server.swap(value.bytes(), value.flags(), swap.over().cas(), swap.life()));
        }
        throw new IllegalStateException("No request: " + request);
    }

    private static NodeAnswer stored(Server server, Did did) {
        return did.done() ? new NodeAnswer.Done(state(server, did.cas())) : not(did);
    }

    private static NodeAnswer not(Did did) {
        if (did.refused()) {
            return new NodeAnswer.Refused();
        }
        return did.absent() ? new NodeAnswer.Absent() : new NodeAnswer.Other();
    }

    private static NodeState state(Server server, long cas) {
        return new NodeState(cas, new ServerIdentity(server.process(), 0));
    }

    private static String label(NodeRequest request) {
        if (request instanceof NodeRequest.Swap swap) {
            return "swap " + name(swap.value()) + " over cas " + swap.over().cas() + " of";
        } else if (request instanceof NodeRequest.Add add) {
            return "add " + name(add.value()) + " to";
        } else if (request instanceof NodeRequest.Get get) {
            return (get.value() ? "get value of" : "get flags of");
        }
        return request.getClass().getSimpleName();
    }

    private static String name(NodeValue value) {
        return name(Envelope.of(value.bytes()));
    }

    /** A value in a trace. */
    public static String name(Envelope envelope) {
        return envelope.kind() + " " + envelope.version() + ":"
                + Long.toHexString(envelope.writeIds().get(0));
    }
}
