package dev.coatcheck.store.memcached;

import static dev.coatcheck.store.memcached.Voters.FIRST;
import static dev.coatcheck.store.memcached.Voters.SECOND;
import static dev.coatcheck.store.memcached.Voters.WITNESS;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import dev.coatcheck.memcached.ServerIdentity;
import dev.coatcheck.store.memcached.CopyStep.Ask;
import dev.coatcheck.store.memcached.CopyStep.Call;
import dev.coatcheck.store.memcached.CopyStep.Done;
import dev.coatcheck.store.memcached.NodeAnswer.Found;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Does one thing wrong on purpose in the steps of one verb, where a fault is planted; else changes nothing. */
final class SimCopyFaults {
    private static final Duration SHORT = Duration.ofSeconds(15);

    private final String fault;
    private final In in;
    private final Consumer<List<Call>> behind;
    private final Map<Integer, NodeAnswer> values = new HashMap<>();
    private boolean anyGone;
    private boolean anyMarked;

    /** What kind of verb it is. */
    enum In {
        READ,
        WRITE,
        END,
        MOVE
    }

    /** @param behind carries calls out whose answers nobody waits for */
    SimCopyFaults(String fault, In in, Consumer<List<Call>> behind) {
        this.fault = fault;
        this.in = in;
        this.behind = behind;
    }

    private boolean is(String name, In where) {
        return fault.equals(name) && in == where;
    }

    <R> CopyStep<R> in(CopyStep<R> step) {
        if (!(step instanceof Ask<R> ask)) {
            return step;
        }
        List<Call> calls = ask.calls().stream()
                .map(call -> new Call(call.place(), changed(call.request())))
                .toList();
        List<NodeAnswer> made = made(calls);
        if (made != null) {
            return in(ask.then().apply(made));
        }
        return new Ask<>(calls, answers -> {
            for (int i = 0; i < calls.size(); i++) {
                seen(calls.get(i), answers.get(i));
            }
            return in(ask.then().apply(answers));
        });
    }

    private NodeRequest changed(NodeRequest request) {
        if (is("UNGUARDED_REPAIR", In.READ)) {
            if (request instanceof NodeRequest.Swap swap) {
                return new NodeRequest.Bury(swap.value(), swap.life());
            } else if (request instanceof NodeRequest.Add add) {
                return new NodeRequest.Bury(add.value(), add.life());
            }
        } else if (is("MARKED_OVER_A_POINTER", In.END) && anyMarked && request instanceof NodeRequest.Swap swap) {
            return new NodeRequest.Bury(swap.value(), swap.life());
        } else if (fault.equals("SHORT_MARK")) {
            if (request instanceof NodeRequest.Bury bury) {
                return new NodeRequest.Bury(bury.tomb(), SHORT);
            } else if (request instanceof NodeRequest.Touch) {
                return new NodeRequest.Touch(SHORT);
            } else if (request instanceof NodeRequest.Swap swap
                    && ClientFlags.isTerminal(swap.value().flags())) {
                return new NodeRequest.Swap(swap.value(), swap.over(), SHORT);
            }
        }
        return request;
    }

    /** Answers that no node gave; null where the nodes are to be asked. */
    private @Nullable List<NodeAnswer> made(List<Call> calls) {
        if (is("NO_WITNESS_VOTE", In.WRITE) && calls.get(0).place() == WITNESS) {
            return List.of(calls.get(0).request() instanceof NodeRequest.Get ? new NodeAnswer.Absent() : done());
        } else if (is("LOST_AT_FIRST_SIGHT", In.READ) && calls.stream().allMatch(this::wasSeen)) {
            return calls.stream().map(call -> values.get(call.place())).toList();
        } else if (is("REPAIR_NOT_AWAITED", In.READ) && calls.stream().allMatch(SimCopyFaults::isRepair)) {
            behind.accept(calls);
            return calls.stream().map(call -> done()).toList();
        } else if (is("ONE_MARK_CONFIRMS", In.END) && calls.get(0).request() instanceof NodeRequest.Bury) {
            if (!anyMarked) {
                behind.accept(calls.subList(0, 1));
            }
            return calls.stream().map(call -> done()).toList();
        } else if (is("MOVED_WITHOUT_CLOSING", In.MOVE) && calls.stream().allMatch(SimCopyFaults::isAtFormer)) {
            return calls.stream().map(call -> done()).toList();
        }
        return null;
    }

    private static boolean isAtFormer(Call call) {
        return call.place() == Relocation.FORMER && call.request() instanceof NodeRequest.Swap;
    }

    private static NodeAnswer done() {
        return new NodeAnswer.Done(new NodeState(0, new ServerIdentity(0, 0)));
    }

    private static boolean isRepair(Call call) {
        boolean stores = call.request() instanceof NodeRequest.Add || call.request() instanceof NodeRequest.Swap;
        return stores && call.place() != WITNESS;
    }

    private boolean wasSeen(Call call) {
        return call.request() instanceof NodeRequest.Get get && get.value() && values.containsKey(call.place());
    }

    private void seen(Call call, NodeAnswer answer) {
        if (call.request() instanceof NodeRequest.Get get && get.value() && call.place() != WITNESS) {
            values.put(call.place(), answer);
        } else {
            values.remove(call.place());
        }
        anyGone |= call.request() instanceof NodeRequest.Swap && answer instanceof NodeAnswer.Absent;
        anyMarked |= in == In.END && answer instanceof NodeAnswer.Done;
    }

    /** What a replace goes over. */
    Version version(Version seen, Voters voters) {
        CopiesVersion version = (CopiesVersion) seen;
        return fault.equals("VERSION_OF_ANOTHER_LIST")
                ? new CopiesVersion(version.number(), voters.names(), version.first(), version.second(), version.vote())
                : seen;
    }

    /** A replace. */
    CopyStep<Written> write(byte[] value, Version seen, Duration lease, Supplier<CopyStep<Written>> right) {
        CopiesVersion version = (CopiesVersion) seen;
        if (fault.equals("WRITTEN_IN_PARALLEL") && version.first() != null && version.second() != null) {
            NodeValue now = NodeValue.of(value, Envelope.of(value));
            return new Ask<>(
                    List.of(
                            new Call(FIRST, new NodeRequest.Swap(now, version.first(), lease)),
                            new Call(SECOND, new NodeRequest.Swap(now, version.second(), lease))),
                    answers -> new Done<>(parallel(version, answers)));
        }
        return in(right.get())
                .then(written ->
                        new Done<>(fault.equals("GONE_OF_ONE_NODE") && anyGone ? Written.not(Outcome.GONE) : written));
    }

    private static Written parallel(CopiesVersion version, List<NodeAnswer> answers) {
        NodeState first = answers.get(0) instanceof NodeAnswer.Done done ? done.state() : null;
        NodeState second = answers.get(1) instanceof NodeAnswer.Done done ? done.state() : null;
        return first == null && second == null
                ? Written.not(Outcome.UNKNOWN)
                : Written.stored(new CopiesVersion(version.number() + 1, version.nodes(), first, second, null));
    }

    /** A load. */
    CopyStep<Optional<Stored>> read(Duration lease, Supplier<CopyStep<Optional<Stored>>> right) {
        if (!fault.equals("HIGHER_VERSION_WINS")) {
            return in(right.get());
        }
        NodeRequest.Get get = new NodeRequest.Get(true, lease);
        return new Ask<>(List.of(new Call(FIRST, get), new Call(SECOND, get)), answers -> {
            if (answers.get(0) instanceof Found one && answers.get(1) instanceof Found other) {
                Copy first = Copy.of(FIRST, one);
                Copy second = Copy.of(SECOND, other);
                if (first.isData() && second.isData() && !first.isTerminal() && !second.isTerminal()) {
                    if (first.version() != second.version() || first.newestWrite() != second.newestWrite()) {
                        boolean higher = first.version() > second.version()
                                || first.version() == second.version() && first.newestWrite() > second.newestWrite();
                        Copy winner = higher ? first : second;
                        Copy loser = higher ? second : first;
                        return CopyStep.ask(
                                loser.place(),
                                new NodeRequest.Swap(
                                        winner.value(), loser.found().state(), lease),
                                answer -> right.get());
                    }
                }
            }
            return right.get();
        });
    }
}
