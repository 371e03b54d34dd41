package dev.coatcheck;

import dev.coatcheck.Envelope.Kind;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SimMemory.Item;
import dev.coatcheck.store.memcached.SimCopySteps;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Some memcacheds, of which each key has one, and a list of them that changes: the processes hear of it one after another, and
 * the next change comes after each session was read once.
 */
final class SimMovingCopy implements SimWorld {
    static final SimServers SERVERS = new SimServers("one copy that moves", true, SimMovingCopy::new);

    private static final Duration LEASE =
            LeaseClass.holding(SimNode.LIFETIMES.idle()).lease();

    private final SimSchedule.Parts parts;
    private final SimChance chance;
    private final Map<String, SimMemory> memories = new TreeMap<>();
    private final List<SimOneOfMany> processes = new ArrayList<>();
    /** What is under each key, wherever it is. */
    private final Map<Key, byte[]> values = new TreeMap<>();

    private List<String> list = SimLists.NAMES.subList(0, 3);

    /** Where a key was before; null while no change is under way. */
    private @Nullable List<String> former;

    /** Of what may have to move, what was read since. */
    private final Set<Key> read = new HashSet<>();

    private boolean reading;

    SimMovingCopy(SimSchedule.Parts parts) {
        this.parts = parts;
        chance = parts.chance();
        for (String name : SimLists.NAMES) {
            memories.put(
                    name,
                    new SimMemory(
                            name, parts.clock(), (key, before, after, why) -> changed(name, key, before, after, why)));
        }
    }

    // What is under a key.

    private void changed(String node, Key key, @Nullable Item before, @Nullable Item after, String why) {
        parts.trace()
                .add(() -> "   " + node + " " + SimHistory.name(key) + " by " + why + ": " + name(before) + " -> "
                        + name(after));
        SimKey known = parts.history().of(key);
        known.buried |= kind(after) == Kind.TOMB;
        parts.history().anyBuried |= known.buried;
        byte[] old = values.get(key);
        byte[] now = value(key, node, after);
        if (why.equals("delete") && kind(before) == Kind.MOVED) {
            known.fellBack = true; // by who has met no such mark yet, and cannot know that his list is old
        }
        boolean forgotten = after == null && !why.equals("delete");
        if (forgotten && (former != null || kind(before) == Kind.TOMB || kind(before) == Kind.MOVED)) {
            known.fellBack = true; // who is moving it may bring it back, or what a mark kept out may come after all
        }
        if (!Arrays.equals(old, now)) {
            parts.history().changed(key, old, now, why);
            values.put(key, now);
        }
    }

    private static String name(@Nullable Item item) {
        return item == null ? "nothing" : SimCopySteps.name(Envelope.of(item.value())) + " of " + item.value().length;
    }

    private static @Nullable Kind kind(@Nullable Item item) {
        return item == null ? null : Envelope.of(item.value()).kind();
    }

    private static String owner(Key key, List<String> list) {
        return SimLists.ranked(key, list).get(0);
    }

    /** The key's value, where this node has that and the others have what they have. */
    private byte @Nullable [] value(Key key, String node, @Nullable Item item) {
        String owner = owner(key, list);
        Item there = owner.equals(node) ? item : memories.get(owner).held(key);
        boolean ended = kind(there) == Kind.TOMB;
        if (there != null && !ended && kind(there) != Kind.MOVED) {
            return SimCopySteps.settled(there.value());
        }
        if (former == null) {
            return null;
        }
        String before = owner(key, former);
        Item left = before.equals(node) ? item : memories.get(before).held(key);
        if (left == null || before.equals(owner)) {
            return null;
        } else if (kind(left) == Kind.TOMB) {
            return ended ? null : values.get(key); // half ended: who is moving it may be faster at the owner
        }
        return SimCopySteps.settled(SimCopySteps.unpacked(left.value()));
    }

    @Override
    public byte @Nullable [] truth(Key key) {
        memories.values().forEach(memory -> memory.at(key)); // what is over by now is gone
        String owner = owner(key, list);
        return value(key, owner, memories.get(owner).held(key));
    }

    // The processes.

    @Override
    public SimStore store(SimLife life) {
        boolean old = isSpreading() && chance.percent(50);
        SimOneOfMany process = new SimOneOfMany(memories, old ? former : list, old ? null : former, parts, life);
        processes.removeIf(each -> each.life.isOver());
        processes.add(process);
        return process;
    }

    private boolean isSpreading() {
        return former != null && processes.stream().anyMatch(process -> !process.life.isOver() && !process.has(list));
    }

    @Override
    public void behind(SimStore store) {
        // nothing is left to be done
    }

    @Override
    public void meanwhile() {
        if (former == null || !chance.percent(isSpreading() ? 4 : 30)) {
            return;
        }
        List<SimOneOfMany> old = processes.stream()
                .filter(process -> !process.life.isOver() && !process.has(list))
                .toList();
        if (old.isEmpty()) {
            move(chance.of(processes));
        } else {
            parts.trace().add(() -> "A process hears of the list");
            chance.of(old).hear(list);
        }
    }

    /** Reads what was not read yet, which moves it; when all was, the list may change again. */
    private void move(SimOneOfMany process) {
        List<Key> missing =
                values.keySet().stream().filter(key -> !read.contains(key)).toList();
        if (reading) {
            return;
        } else if (missing.isEmpty()) {
            if (processes.stream().noneMatch(SimOneOfMany::isBusy)) {
                parts.trace().add(() -> "Everything is moved");
                former = null;
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

    // What befalls them.

    @Override
    public void befall() {
        if (former == null && chance.percent(40)) {
            former = list;
            list = SimLists.next(list, null, chance);
            read.clear();
            reading = false;
            parts.trace().add(() -> "The list is " + list);
        } else {
            memories.get(chance.of(list)).befall(chance, parts.trace(), true);
        }
    }

    @Override
    public void thaw() {
        memories.values().forEach(memory -> memory.host.thaw());
        processes.stream().filter(process -> !process.has(list)).forEach(process -> process.hear(list));
    }
}
