package dev.coatcheck;

import static dev.coatcheck.SimChecker.mustBe;

import dev.coatcheck.Envelope.Kind;
import dev.coatcheck.store.memcached.SimCopySteps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the nodes of one key hold, and which of it is decided: the newest write that two of them have taken, or descendants
 * of it. It knows of each write which one it followed, however long ago.
 */
final class SimVotes {
    private final Map<Long, Long> followed = new HashMap<>();
    private final Map<Long, byte[]> values = new HashMap<>();
    private final Map<String, Envelope> held = new HashMap<>();
    /** What each node has taken last, even if it has forgotten it since. */
    private final Map<String, Long> taken = new HashMap<>();

    private long decided;
    /** The three that have a say; while processes have different lists of nodes each list's three. */
    private List<List<String>> quorums = List.of();

    void among(List<List<String>> quorums) {
        this.quorums = quorums;
    }

    private boolean counts(String node) {
        for (List<String> quorum : quorums) {
            if (quorum.contains(node)) {
                return true;
            }
        }
        return false;
    }

    /** A node's value has changed; null is nothing. */
    void changed(String node, byte @Nullable [] value) {
        Envelope before = held.get(node);
        if (value == null) {
            held.remove(node);
            return;
        }
        Envelope now = Envelope.of(value);
        held.put(node, now);
        mustBe(
                before == null || before.kind() != Kind.TOMB || now.kind() == Kind.TOMB,
                "At " + node + " something took the place of the mark of an end");
        if (now.kind() == Kind.TOMB) {
            return;
        }
        learn(now, value);
        // One that has forgotten may be given an older one, and has taken the newer one all the same.
        taken.merge(node, now.newestWrite(), (last, next) -> has(last, next) ? last : next);
        if (before != null) {
            long old = before.newestWrite();
            mustBe(
                    has(now.newestWrite(), old) || !has(old, now.newestWrite()),
                    "At " + node + " a version was followed by an older one");
            mustBe(
                    decided == 0 || !has(old, decided) || has(now.newestWrite(), decided),
                    "At " + node + " what was decided was followed by something without it");
        }
    }

    private void learn(Envelope now, byte[] value) {
        List<Long> ids = now.writeIds();
        for (int i = 0; i + 1 < ids.size() && ids.get(i + 1) != 0; i++) {
            Long other = followed.putIfAbsent(ids.get(i), ids.get(i + 1));
            mustBe(other == null || other.equals(ids.get(i + 1)), "Two writes have one id");
        }
        if (now.kind() != Kind.STUB) {
            byte[] other = values.putIfAbsent(now.newestWrite(), value);
            mustBe(other == null || Arrays.equals(other, value), "Two values have the same newest write");
        }
    }

    /** Whether a write is another one or follows it. */
    private boolean has(long write, long other) {
        for (Long id = write; id != null; id = followed.get(id)) {
            if (id == other) {
                return true;
            }
        }
        return false;
    }

    /** Decides; the writes that are decided now and were not before, newest first. */
    List<Long> decide() {
        long before = decided;
        for (List<String> quorum : quorums) {
            for (int i = 0; i < quorum.size(); i++) {
                for (int j = i + 1; j < quorum.size(); j++) {
                    Long one = taken.get(quorum.get(i));
                    Long other = taken.get(quorum.get(j));
                    if (one != null && other != null) {
                        decide(one, other);
                    }
                }
            }
        }
        return since(before);
    }

    /** Decides for what was acknowledged or shown while one of two nodes had it alone; as {@link #decide()}. */
    List<Long> decideFor(long write) {
        long before = decided;
        decide(write, write);
        return since(before);
    }

    private List<Long> since(long before) {
        List<Long> added = new ArrayList<>();
        for (Long id = decided; id != null && id != 0 && id != before; id = followed.get(id)) {
            added.add(id);
        }
        return added;
    }

    private void decide(long one, long other) {
        for (Long id = one; id != null; id = followed.get(id)) {
            if (has(other, id)) {
                if (decided == 0 || has(id, decided)) {
                    decided = id;
                } else {
                    mustBe(has(decided, id), "Two branches were decided");
                }
                return;
            }
        }
    }

    /** Whether a write is decided, or one that follows it is. */
    boolean isDecided(long write) {
        return decided != 0 && has(decided, write);
    }

    byte @Nullable [] decided() {
        return decided == 0 ? null : values.get(decided);
    }

    private Stream<Envelope> held() {
        return held.entrySet().stream().filter(each -> counts(each.getKey())).map(Map.Entry::getValue);
    }

    /** Whether two nodes went on from different states. */
    boolean isSplit() {
        List<Long> newest = held().filter(each -> each.kind() != Kind.TOMB)
                .map(Envelope::newestWrite)
                .toList();
        return newest.stream().anyMatch(one -> newest.stream().anyMatch(other -> !has(one, other) && !has(other, one)));
    }

    /** How many nodes have what is decided, or more. */
    long voters() {
        return held().filter(each -> each.kind() != Kind.TOMB && has(each.newestWrite(), decided))
                .count();
    }

    /** Whether a node can show what is decided, or more. */
    boolean isThere() {
        return held().anyMatch(each ->
                each.kind() != Kind.TOMB && each.kind() != Kind.STUB && has(each.newestWrite(), decided));
    }

    /** Whether a node has something that lacks what is decided. */
    boolean anyOlder() {
        return held().anyMatch(each -> each.kind() != Kind.TOMB && !has(each.newestWrite(), decided));
    }

    long tombs() {
        return held().filter(each -> each.kind() == Kind.TOMB).count();
    }

    static String name(byte @Nullable [] value) {
        return value == null ? "nothing" : SimCopySteps.name(Envelope.of(value));
    }
}
