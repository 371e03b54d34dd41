package dev.coatcheck;

import static dev.coatcheck.SimChecker.mustBe;

import dev.coatcheck.Envelope.Kind;
import dev.coatcheck.SessionStore.Key;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What happened to every key where it is decided: the one copy, or the database's row. Each change must be one that the
 * protocol allows.
 */
final class SimHistory {
    private final Clock clock;
    private final Map<Key, SimKey> keys = new HashMap<>();
    private final Map<Long, List<SimKey>> createdBy = new HashMap<>();
    private final boolean shown;
    private long moment;
    /** Whether the mark of an end was ever in a cache: who writes at that moment cannot tell what comes of it. */
    boolean anyBuried;

    /** @param shown whether what is decided is what every read shows */
    SimHistory(Clock clock, boolean shown) {
        this.clock = clock;
        this.shown = shown;
    }

    static String name(Key key) {
        return key.text().substring(0, 4);
    }

    /** The number of the moment; no two things happen at the same. */
    long next() {
        return ++moment;
    }

    SimKey of(Key key) {
        return keys.computeIfAbsent(key, k -> new SimKey());
    }

    static long commit(long writeId) {
        return writeId & WriteId.COMMIT_BITS;
    }

    /** A database that took over has not got the last change of a key. */
    void fellBack(Key key) {
        next();
        of(key).fellBack = true;
    }

    /** A key's value changes; null is nothing. */
    void changed(Key key, byte @Nullable [] before, byte @Nullable [] after, String why) {
        next();
        SimKey known = of(key);
        Envelope old = before == null ? null : Envelope.of(before);
        Envelope now = after == null ? null : Envelope.of(after);
        if (now == null) {
            over(known);
            known.pointerForgotten = !why.equals("delete");
            known.heirs.stream().filter(heir -> !heir.given).forEach(heir -> {
                // A sign-in whose answer was lost finds the mark gone, and goes on with nothing of the old session.
                heir.parent = null;
            });
            return;
        }
        String where = "Under " + name(key) + " by " + why + ": ";
        boolean strict = !known.isLoose();
        long commit = commit(now.newestWrite());
        if (old == null) {
            mustBe(!strict || !known.created && now.kind() == Kind.LIVE, where + "what was gone is there again");
            known.created = true;
            known.createdAt = clock.instant();
            now.writeIds().forEach(id -> known.commits.add(commit(id)));
            createdBy.computeIfAbsent(commit, none -> new ArrayList<>()).add(known);
            return;
        }
        mustBe(!strict || old.kind() == Kind.LIVE, where + "an old id's mark was overwritten");
        boolean next = now.kind() != Kind.LIVE || now.version() == old.version() + 1;
        List<Long> before7 = old.writeIds().subList(0, Envelope.WRITE_IDS - 1);
        boolean descends = now.writeIds().subList(1, Envelope.WRITE_IDS).equals(before7);
        mustBe(!strict || next && descends, where + "a version was not followed by a descendant");
        boolean first = known.commits.add(commit);
        mustBe(!strict || first, where + "one commit was stored twice");
        if (now.kind() != Kind.LIVE) {
            marked(known, now.kind(), commit);
        }
    }

    /**
     * Where two of three decide, a key's value changes to one that goes on from the one before, perhaps over versions that
     * were never decided by themselves.
     *
     * @param added the writes that it has and the one before has not, newest first
     */
    void decided(Key key, byte @Nullable [] before, byte[] after, List<Long> added) {
        next();
        SimKey known = of(key);
        boolean strict = !known.isLoose();
        Envelope now = Envelope.of(after);
        String where = "Under " + name(key) + ": ";
        if (before == null) {
            mustBe(!strict || !known.created, where + "what was gone is there again");
            known.created = true;
            known.createdAt = clock.instant();
            long commit = commit(added.get(Math.min(now.version(), added.size()) - 1));
            createdBy.computeIfAbsent(commit, none -> new ArrayList<>()).add(known);
        } else {
            mustBe(!strict || Envelope.of(before).kind() == Kind.LIVE, where + "an old id's mark was overwritten");
        }
        for (long id : added) {
            mustBe(known.commits.add(commit(id)) || !strict, where + "one commit was stored twice");
        }
        if (now.kind() != Kind.LIVE) {
            marked(known, now.kind(), commit(now.newestWrite()));
        }
    }

    private void over(SimKey known) {
        if (known.overAt == SimKey.NEVER) {
            known.overAt = moment;
        }
    }

    private void marked(SimKey known, Kind kind, long commit) {
        over(known);
        if (kind == Kind.FORWARD) {
            known.pointedAt = clock.instant();
        } else if (shown) {
            known.markedAt = moment;
        }
        // Of several creates of one commit the browser gets one; the others are known to nobody.
        for (SimKey heir : createdBy.getOrDefault(commit, List.of())) {
            if (!heir.given) {
                heir.parent = known;
                known.heirs.add(heir);
            }
        }
    }
}
