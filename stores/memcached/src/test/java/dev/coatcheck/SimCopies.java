package dev.coatcheck;

import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import dev.coatcheck.store.memcached.SimCopySteps;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** Two copies as an application's process uses them: the product's own functions, on nodes that it believes to answer or not. */
final class SimCopies implements SimStore, SimCopySteps.Nodes {
    final SimLife life;
    private final Map<String, SimMemory> memories;
    private final SimNetwork network;
    private final SimTrace trace;
    private final Consumer<Key> onLost;
    private final BiConsumer<Key, byte[]> onTold;
    private final SimCopySteps steps;
    /** The nodes that it has heard of last. */
    private List<String> list;
    /** Nodes that have not answered since they last did not. */
    private final Set<String> away = new HashSet<>();

    private final Set<String> probed = new HashSet<>();
    private final SortedSet<Integer> busy = new TreeSet<>();
    private int begun;

    SimCopies(
            Map<String, SimMemory> memories,
            List<String> list,
            SimSchedule.Parts parts,
            SimLife life,
            Consumer<Key> onLost,
            BiConsumer<Key, byte[]> onTold) {
        this.memories = memories;
        this.list = list;
        this.network = parts.network();
        trace = parts.trace();
        this.life = life;
        this.onLost = onLost;
        this.onTold = onTold;
        steps = new SimCopySteps(this, parts.clock(), parts.fault().name());
    }

    // What it knows of the nodes.

    @Override
    public List<String> of(Key key) {
        return SimLists.ranked(key, list);
    }

    List<String> list() {
        return list;
    }

    void hear(List<String> now) {
        list = now;
    }

    @Override
    public boolean isUp(String node) {
        return !away.contains(node);
    }

    @Override
    public long running(String node) {
        return memory(node).host.process();
    }

    private SimMemory memory(String node) {
        return memories.get(node);
    }

    /** Whether it uses all nodes and knows of nothing that one has missed. */
    boolean isSettled() {
        return list.stream().allMatch(node -> isUp(node) && !steps.isMissing(node));
    }

    /** Asks nodes that did not answer whether they do now, and brings to all what they have missed. */
    void behind() {
        steps.keep(list);
        for (String node : list) {
            if (isUp(node)) {
                steps.deliver(node);
            } else if (probed.add(node)) {
                network.<Boolean>send(memory(node).host, "probe", life, () -> true, reply -> {
                    probed.remove(node);
                    if (reply.answer() != null) {
                        away.remove(node);
                        steps.deliver(node);
                    }
                });
            }
        }
    }

    @Override
    public <A> void send(
            String node,
            Key key,
            Supplier<String> label,
            boolean again,
            Function<SimCopySteps.Server, A> command,
            Consumer<SimCopySteps.Told<A>> then) {
        SimMemory memory = memory(node);
        String named = trace.isKept() ? label.get() + " " + SimHistory.name(key) : "";
        network.<A>send(memory.host, named, life, () -> command.apply(new Server(memory, key)), reply -> {
            if (reply.answer() == null && reply.sent() && again) {
                send(node, key, () -> label.get() + " again", false, command, then);
            } else {
                if (reply.answer() == null) {
                    away.add(node);
                }
                then.accept(new SimCopySteps.Told<>(reply.answer(), reply.sent()));
            }
        });
    }

    /** One key at one node. */
    record Server(SimMemory memory, Key key) implements SimCopySteps.Server {
        @Override
        public long process() {
            return memory.host.process();
        }

        @Override
        public SimCopySteps.Held get(Duration renew) {
            SimMemory.Got got = renew == null ? memory.get(key) : memory.touch(key, renew);
            SimMemory.Item item = got.item();
            return item == null
                    ? null
                    : new SimCopySteps.Held(
                            item.value(), item.flags(), item.cas(), got.left().toSeconds());
        }

        @Override
        public SimCopySteps.Did add(byte[] value, long flags, Duration life) {
            return did(memory.add(key, value, flags, life));
        }

        @Override
        public SimCopySteps.Did swap(byte[] value, long flags, long cas, Duration life) {
            return did(memory.swap(key, value, flags, cas, life));
        }

        @Override
        public SimCopySteps.Did set(byte[] value, long flags, Duration life) {
            return did(memory.set(key, value, flags, life));
        }

        @Override
        public SimCopySteps.Did delete(long cas) {
            return did(memory.delete(key, cas));
        }

        private static SimCopySteps.Did did(SimMemory.Did did) {
            return new SimCopySteps.Did(
                    did.status() == SimMemory.Status.DONE,
                    did.cas(),
                    did.status() == SimMemory.Status.ABSENT,
                    did.status() == SimMemory.Status.REFUSED);
        }
    }

    // The verbs.

    /** Whether a verb is under way that was one of the first so many. */
    boolean isBusyWith(int verbs) {
        return !busy.isEmpty() && busy.first() < verbs;
    }

    /** How many verbs were begun. */
    int verbs() {
        return begun;
    }

    private <T> Consumer<T> begin(Consumer<T> then) {
        int verb = begun++;
        busy.add(verb);
        return answer -> {
            busy.remove(verb);
            then.accept(answer);
        };
    }

    private Consumer<Written> stored(Key key, byte[] value, Consumer<Step.Answer<Written>> then) {
        return written -> {
            if (written.outcome() == Outcome.STORED) {
                onTold.accept(key, value);
            }
            then.accept(SimStore.answer(written));
        };
    }

    private static <T> Consumer<SessionUnavailableException> failed(Consumer<Step.Answer<T>> then) {
        return failure -> then.accept(new Step.Answer<>(null, failure));
    }

    @Override
    public void load(Key key, Duration lease, boolean fresh, Consumer<Step.Answer<Optional<Stored>>> then) {
        Consumer<Step.Answer<Optional<Stored>>> end = begin(then);
        steps.load(
                key,
                lease,
                found -> {
                    found.ifPresent(stored -> onTold.accept(key, stored.value()));
                    end.accept(SimStore.answer(found));
                },
                failure -> {
                    if (failure.lost()) {
                        onLost.accept(key);
                    }
                    end.accept(new Step.Answer<>(null, failure));
                });
    }

    @Override
    public void create(Key key, byte[] value, Duration lease, Consumer<Step.Answer<Written>> then) {
        Consumer<Step.Answer<Written>> end = begin(then);
        steps.create(key, value, lease, stored(key, value, end), failed(end));
    }

    @Override
    public void replace(Key key, byte[] value, Version seen, Duration lease, Consumer<Step.Answer<Written>> then) {
        Consumer<Step.Answer<Written>> end = begin(then);
        steps.replace(key, value, seen, lease, stored(key, value, end), failed(end));
    }

    @Override
    public void end(Key key, Instant until, Consumer<Boolean> then) {
        Consumer<Boolean> end = begin(then);
        steps.end(key, until, end, failure -> end.accept(false));
    }

    @Override
    public void end(Key key, Version seen, Instant until, Consumer<Outcome> then) {
        Consumer<Outcome> end = begin(then);
        steps.end(key, seen, until, end, failure -> end.accept(Outcome.UNKNOWN));
    }
}
