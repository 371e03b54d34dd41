package dev.coatcheck;

import dev.coatcheck.Envelope.Kind;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SimMemory.Item;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Three memcacheds, of which each key has two for its copies and one as witness. In some schedules anything befalls any of
 * them; in most of them one at a time has faults, and the next one only after it was brought what it missed and each session
 * was read once: then nothing may be lost.
 */
final class SimTwoCopies implements SimWorld {
    static final SimServers SERVERS = new SimServers(
            "two copies", true, parts -> new SimTwoCopies(parts, parts.chance().percent(30) ? 4 : 3));

    /** Without a witness: what one node has is what can be had while the other is away. */
    static final SimServers OF_TWO_NODES =
            new SimServers("two copies of two nodes", true, parts -> new SimTwoCopies(parts, 2));

    private static final Duration LEASE =
            LeaseClass.holding(SimNode.LIFETIMES.idle()).lease();

    private final SimSchedule.Parts parts;
    private final SimChance chance;
    private final Map<String, SimMemory> memories = new TreeMap<>();
    private final List<SimCopies> processes = new ArrayList<>();
    private final Map<Key, SimVotes> votes = new TreeMap<>();
    /** Keys of which a node had something whose time was over; what another saw as a witness may still be there. */
    private final Set<Key> expired = new HashSet<>();

    private final boolean anythingGoes;

    /** The nodes as they are listed now. */
    private List<String> list;

    /** Those before, while that change is not over; null for none. */
    private @Nullable List<String> former;

    /** The node that has faults; null for none. */
    private @Nullable SimMemory faulty;

    /** Whether it has forgotten something: that happens once in a fault. */
    private boolean forgot;

    /** Whether it has no more, and is to be brought what it missed. */
    private boolean mending;

    /** Of what is being mended, what was read since. */
    private final Set<Key> read = new HashSet<>();

    /** How many verbs each process had begun when all was read. */
    private final Map<SimCopies, Integer> before = new HashMap<>();

    /** Whether one of them is being read. */
    private boolean reading;

    private SimTwoCopies(SimSchedule.Parts parts, int nodes) {
        this.parts = parts;
        chance = parts.chance();
        for (String name : SimLists.NAMES) {
            memories.put(
                    name,
                    new SimMemory(
                            name, parts.clock(), (key, before, after, why) -> changed(name, key, before, after, why)));
        }
        list = SimLists.NAMES.subList(0, nodes);
        anythingGoes = !isOfTwo() && chance.percent(30);
        if (!anythingGoes) {
            parts.network().lose(host -> faulty != null && !mending && host == faulty.host);
        }
        parts.trace().add(() -> anythingGoes ? "Anything goes" : "One node at a time has faults");
    }

    private boolean isOfTwo() {
        return list.size() == 2;
    }

    // What is decided.

    /** A process was told that this is stored, or that this is there. */
    private void told(Key key, byte[] value) {
        Envelope envelope = Envelope.of(value);
        if (isOfTwo() && envelope.kind() != Kind.TOMB) {
            weigh(key, votes -> votes.decideFor(envelope.newestWrite()), "what was told");
        }
    }

    private void changed(String node, Key key, @Nullable Item before, @Nullable Item after, String why) {
        byte[] value = after == null ? null : after.value();
        parts.trace()
                .add(() -> "   " + node + " " + SimHistory.name(key) + " " + SimLists.ranked(key, list) + " by " + why
                        + ": " + SimVotes.name(before == null ? null : before.value()) + " -> " + SimVotes.name(value));
        SimKey known = parts.history().of(key);
        SimVotes votes = votes(key);
        try {
            votes.changed(node, value);
        } catch (SimViolation e) {
            if (!known.isLoose()) {
                throw e;
            }
        }
        if (value != null && Envelope.of(value).kind() == Kind.TOMB) {
            known.buried = true;
            parts.history().anyBuried = true;
        }
        known.forgotten |= anythingGoes && value == null;
        if (why.equals("expired")) {
            expired.add(key);
            known.forgotten |= former != null; // what came late to a node of the list before outlives the others
        }
        known.fellBack |= isOfTwo() && votes.isSplit(); // one of the two branches is given up
        weigh(key, SimVotes::decide, why);
        boolean early = before != null
                && value == null
                && !votes.isDecided(Envelope.of(before.value()).newestWrite());
        if (anythingGoes
                && votes.decided() != null
                && (early || votes.voters() < 2 && (votes.anyOlder() || votes.tombs() > 0))) {
            known.fellBack = true;
        }
    }

    /** What the nodes have of a key, or which of them count, has changed. */
    private void weigh(Key key, Function<SimVotes, List<Long>> decision, String why) {
        SimKey known = parts.history().of(key);
        SimVotes votes = votes(key);
        known.endKept = votes.tombs() > 1;
        if (known.buried && votes.tombs() == 0) {
            known.fellBack = true; // a mark that one node had, and is lost with it
        }
        byte[] old = votes.decided();
        decide(key, known, votes, decision);
        byte[] now = votes.decided();
        if (now == null) {
            return;
        } else if (!Arrays.equals(old, now)) {
            parts.trace().add(() -> "   decided: " + SimVotes.name(now));
        } else if (!votes.isThere() && votes.tombs() == 0) {
            parts.history().changed(key, old, null, why);
            known.fellBack = true; // what is late may bring it back for a while
        }
    }

    private void decide(Key key, SimKey known, SimVotes votes, Function<SimVotes, List<Long>> decision) {
        byte[] old = votes.decided();
        try {
            List<Long> added = decision.apply(votes);
            byte[] now = votes.decided();
            if (!added.isEmpty() && now != null) {
                parts.history().decided(key, old, now, added);
            }
        } catch (SimViolation e) {
            if (!known.isLoose()) {
                throw e;
            }
        }
    }

    private SimVotes votes(Key key) {
        return votes.computeIfAbsent(key, none -> {
            SimVotes made = new SimVotes();
            made.among(quorums(key));
            return made;
        });
    }

    private List<List<String>> quorums(Key key) {
        return former == null
                ? List.of(SimLists.ranked(key, list))
                : List.of(SimLists.ranked(key, list), SimLists.ranked(key, former));
    }

    @Override
    public byte @Nullable [] truth(Key key) {
        memories.values().forEach(memory -> memory.at(key)); // what is over by now is gone
        SimVotes votes = votes(key);
        return votes.tombs() > 0 || !votes.isThere() ? null : votes.decided();
    }

    private void lost(Key key) {
        SimChecker.mustBe(
                anythingGoes || expired.contains(key),
                "A session was called lost though one node at a time had faults");
    }

    // The processes.

    @Override
    public SimStore store(SimLife life) {
        SimCopies process = new SimCopies(
                memories, isSpreading() && chance.percent(50) ? former : list, parts, life, this::lost, this::told);
        processes.removeIf(each -> each.life.isOver());
        processes.add(process);
        startReading(); // what a process knew that is no more, only reads can find
        return process;
    }

    @Override
    public void behind(SimStore store) {
        ((SimCopies) store).behind();
    }

    @Override
    public void meanwhile() {
        if (isSpreading()) {
            spread();
        } else if (mending ? chance.percent(30) : chance.percent(4)) {
            SimCopies process = chance.of(processes);
            if (mending && processes.stream().allMatch(SimCopies::isSettled)) {
                if (!reading) {
                    mend(process);
                }
            } else {
                process.behind();
            }
        }
    }

    /** Reads what was not read yet; when all was, the next node may have faults. */
    private void mend(SimCopies process) {
        List<Key> missing =
                votes.keySet().stream().filter(key -> !read.contains(key)).toList();
        if (missing.isEmpty() && before.isEmpty()) {
            processes.forEach(each -> before.put(each, each.verbs()));
        }
        if (missing.isEmpty()) {
            if (before.entrySet().stream().anyMatch(each -> each.getKey().isBusyWith(each.getValue()))) {
                return; // what has met this fault is not to meet the next one
            }
            parts.trace().add(() -> "Everything is mended");
            faulty = null;
            forgot = false;
            mending = false;
            if (former != null) {
                former = null;
                count("list");
            }
            return;
        }
        Key key = missing.get(0);
        reading = true;
        process.load(key, LEASE, false, answer -> {
            reading = false;
            if (answer.value() != null) {
                read.add(key);
            }
        });
    }

    // What becomes of the list.

    /** One node more or one less; of what is away that one. */
    private void change() {
        if (faulty != null && list.size() == 3) {
            return;
        }
        former = list;
        list = parts.fault() == SimFault.TWO_NODES_AT_ONCE && list.size() == 3
                ? SimLists.NAMES
                : SimLists.next(list, faulty == null ? null : faulty.host.name, chance);
        parts.trace().add(() -> "The list is " + list);
        count("list");
    }

    private boolean isSpreading() {
        return former != null && !mending;
    }

    /** The processes hear of it one after another. */
    private void spread() {
        List<SimCopies> old = processes.stream()
                .filter(process -> !process.life.isOver() && !process.list().equals(list))
                .toList();
        if (old.isEmpty()) {
            if (faulty != null) {
                heal(faulty);
            }
            mending = true;
            startReading();
        } else if (chance.percent(4)) {
            parts.trace().add(() -> "A process hears of the list");
            chance.of(old).hear(list);
        }
    }

    private void count(String why) {
        votes.forEach((key, votes) -> {
            boolean there = votes.isThere();
            votes.among(quorums(key));
            weigh(key, SimVotes::decide, why);
            SimChecker.mustBe(
                    !there || votes.isThere() || votes.tombs() > 0 || expired.contains(key),
                    "A session was left on nodes that are not used any more");
        });
    }

    // What befalls the nodes.

    @Override
    public void befall() {
        if (mending || former != null) {
            return;
        }
        if (!anythingGoes && !isOfTwo() && chance.percent(20)) {
            change();
            return;
        }
        SimMemory node = faulty != null ? faulty : memories.get(chance.of(list));
        if (!anythingGoes && faulty != null && chance.percent(50)) {
            heal(node);
            mending = true;
            startReading();
            return;
        }
        if (!anythingGoes) {
            faulty = node;
        }
        int which = chance.below(forgot ? 7 : 12);
        forgot |= which >= 7 && !anythingGoes;
        if (which < 4) {
            parts.trace().add(() -> node.host.name + (node.host.isFrozen() ? " thaws" : " freezes"));
            node.host.freezeOrThaw();
        } else if (which < 7) {
            cutOrMend(node);
        } else if (which < 8) {
            node.restart(parts.trace());
        } else if (which >= 10) {
            parts.trace().add(() -> node.host.name + " is full");
            node.fill(() -> chance.percent(60));
        } else {
            node.evict(chance, true);
        }
    }

    private void cutOrMend(SimMemory node) {
        if (chance.percent(30)) {
            parts.trace().add(() -> "All reach " + node.host.name);
            parts.network().mend(node.host);
        } else {
            int index = chance.below(processes.size());
            parts.trace().add(() -> "Process " + index + " does not reach " + node.host.name);
            parts.network().cut(node.host, processes.get(index).life);
        }
    }

    private void heal(SimMemory node) {
        parts.trace().add(() -> node.host.name + " has no more faults");
        node.host.thaw();
        node.fill(() -> false);
        parts.network().mend(node.host);
    }

    private void startReading() {
        read.clear();
        before.clear();
        reading = false;
    }

    @Override
    public void thaw() {
        memories.values().forEach(this::heal);
        processes.forEach(process -> process.hear(list));
    }
}
