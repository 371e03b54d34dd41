package dev.coatcheck;

import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import dev.coatcheck.store.memcached.SimCopySteps;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One copy at one of several nodes as an application's process uses it, which knows the list of nodes and the one before. */
final class SimOneOfMany implements SimStore, SimCopySteps.Nodes {
    final SimLife life;
    private final Map<String, SimMemory> memories;
    private final SimNetwork network;
    private final SimTrace trace;
    private final Map<String, SimMemcached> nodes = new TreeMap<>();
    private final SimCopySteps steps;
    private List<String> list;
    private @Nullable List<String> former;
    /** The list of which it was found that others have a newer one. */
    private @Nullable List<String> outdated;

    private final SimFault fault;
    private final SimHistory history;
    private int busy;

    SimOneOfMany(
            Map<String, SimMemory> memories,
            List<String> list,
            @Nullable List<String> former,
            SimSchedule.Parts parts,
            SimLife life) {
        this.memories = memories;
        this.list = list;
        this.former = former;
        this.life = life;
        network = parts.network();
        trace = parts.trace();
        fault = parts.fault();
        history = parts.history();
        memories.forEach((name, memory) ->
                nodes.put(name, new SimMemcached(memory, network, life, parts.clock(), SimFault.NONE)));
        steps = new SimCopySteps(this, parts.clock(), parts.fault().name());
    }

    boolean has(List<String> other) {
        return list.equals(other);
    }

    void hear(List<String> now) {
        former = list;
        list = now;
    }

    /** Whether a verb is under way that may know an older list. */
    boolean isBusy() {
        return busy > 0 && !life.isOver();
    }

    private String owner(Key key) {
        return SimLists.ranked(key, list).get(0);
    }

    /** A node's version: another node may give the same numbers. */
    private record At(long number, SimMemcached.Seen seen, String node) implements Version {
        static At of(byte[] value, Version seen, String node) {
            return new At(Envelope.of(value).version(), (SimMemcached.Seen) seen, node);
        }
    }

    private boolean isHere(Key key, Version seen) {
        return ((At) seen).node.equals(owner(key)) || fault == SimFault.VERSION_OF_ANOTHER_LIST;
    }

    /** Whether another node may still have it. */
    private boolean mayBeElsewhere(Key key) {
        return former != null && !SimLists.ranked(key, former).get(0).equals(owner(key));
    }

    // What it knows of the nodes.

    @Override
    public List<String> of(Key key) {
        String owner = owner(key);
        return List.of(
                owner, former == null ? owner : SimLists.ranked(key, former).get(0));
    }

    @Override
    public boolean isUp(String node) {
        return true;
    }

    @Override
    public long running(String node) {
        return memories.get(node).host.process();
    }

    @Override
    public <A> void send(
            String node,
            Key key,
            Supplier<String> label,
            boolean again,
            Function<SimCopySteps.Server, A> command,
            Consumer<SimCopySteps.Told<A>> then) {
        SimMemory memory = memories.get(node);
        network.<A>send(
                memory.host,
                trace.isKept() ? label.get() + " " + SimHistory.name(key) : "",
                life,
                () -> command.apply(new SimCopies.Server(memory, key)),
                reply -> {
                    if (reply.answer() == null && reply.sent() && again) {
                        send(node, key, () -> label.get() + " again", false, command, then);
                    } else {
                        then.accept(new SimCopySteps.Told<>(reply.answer(), reply.sent()));
                    }
                });
    }

    // The verbs, as in OneCopy.

    private <T> Consumer<T> begin(Consumer<T> then) {
        busy++;
        return answer -> {
            busy--;
            then.accept(answer);
        };
    }

    @Override
    public void load(Key key, Duration lease, boolean fresh, Consumer<Step.Answer<Optional<Stored>>> then) {
        Consumer<Step.Answer<Optional<Stored>>> end = begin(then);
        if (mayBeElsewhere(key) && fault != SimFault.FORMER_NODE_NOT_ASKED) {
            moved(key, lease, end);
            return;
        }
        String node = owner(key);
        nodes.get(node).load(key, lease, fresh, answer -> {
            Optional<Stored> found = answer.value();
            if (found == null) {
                end.accept(answer);
            } else if (found.isEmpty() && mayBeElsewhere(key) && fault != SimFault.FORMER_NODE_NOT_ASKED) {
                moved(key, lease, end);
            } else if (found.isPresent() && SimCopySteps.isMoved(found.get().value())) {
                outdated = list;
                end.accept(SimStore.away());
            } else {
                end.accept(SimStore.answer(found.map(stored -> new Stored(
                        SimCopySteps.settled(stored.value()),
                        At.of(stored.value(), stored.version(), node),
                        stored.idleFor()))));
            }
        });
    }

    private void moved(Key key, Duration lease, Consumer<Step.Answer<Optional<Stored>>> then) {
        String node = owner(key);
        steps.move(
                key,
                lease,
                (number, cas, process) -> new At(number, new SimMemcached.Seen(number, cas, process), node),
                found -> then.accept(SimStore.answer(found)),
                failure -> then.accept(new Step.Answer<>(null, failure)));
    }

    @Override
    public void create(Key key, byte[] value, Duration lease, Consumer<Step.Answer<Written>> then) {
        String node = owner(key);
        Consumer<Step.Answer<Written>> end = begin(then);
        if (mayBeElsewhere(key) && fault != SimFault.NEW_WITHOUT_A_MARK) {
            steps.createMoved(
                    key,
                    value,
                    lease,
                    (number, cas, process) -> new At(number, new SimMemcached.Seen(number, cas, process), node),
                    written -> {
                        // Where the mark did not arrive, who has the list before cannot know.
                        history.of(key).forgotten |=
                                memories.get(of(key).get(1)).held(key) == null;
                        end.accept(written == null ? SimStore.away() : SimStore.answer(written));
                    });
        } else {
            nodes.get(node).create(key, value, lease, written(value, node, end));
        }
    }

    @Override
    public void replace(Key key, byte[] value, Version seen, Duration lease, Consumer<Step.Answer<Written>> then) {
        if (!isHere(key, seen)) {
            then.accept(SimStore.answer(Written.not(Outcome.CONFLICT)));
            return;
        }
        String node = owner(key);
        nodes.get(node).replace(key, value, ((At) seen).seen, lease, written(value, node, begin(then)));
    }

    private static Consumer<Step.Answer<Written>> written(
            byte[] value, String node, Consumer<Step.Answer<Written>> then) {
        return answer -> {
            Written written = answer.value();
            Version version = written == null ? null : written.version();
            then.accept(version == null ? answer : SimStore.answer(Written.stored(At.of(value, version, node))));
        };
    }

    @Override
    public void end(Key key, Instant until, Consumer<Boolean> then) {
        Consumer<Boolean> end = begin(then);
        if (mayBeElsewhere(key) && fault != SimFault.MARKED_AT_ONE_PLACE) {
            steps.endMoved(key, until, end);
            return;
        }
        String node = owner(key);
        if (list.equals(outdated)) {
            SimMemory.Item there = memories.get(node).at(key);
            if (there != null && SimCopySteps.isMoved(there.value())) {
                end.accept(false);
                return;
            }
        }
        nodes.get(node).end(key, until, ended -> {
            if (ended && mayBeElsewhere(key) && fault != SimFault.MARKED_AT_ONE_PLACE) {
                steps.endMoved(key, until, end); // the list has changed meanwhile
            } else {
                end.accept(ended);
            }
        });
    }

    @Override
    public void end(Key key, Version version, Instant until, Consumer<Outcome> then) {
        if (!isHere(key, version)) {
            then.accept(Outcome.CONFLICT);
            return;
        }
        Consumer<Outcome> end = begin(then);
        SimMemcached.Seen seen = ((At) version).seen;
        if (mayBeElsewhere(key) && fault != SimFault.MARKED_AT_ONE_PLACE) {
            steps.endMoved(key, seen.cas(), seen.process(), until, end);
        } else {
            nodes.get(owner(key)).end(key, seen, until, end);
        }
    }
}
