package dev.coatcheck;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All that ever happened under one key. */
final class SimKey {
    static final long NEVER = Long.MAX_VALUE;

    /** The commits of its versions, those before its own creation included as far as its first list had them. */
    final Set<Long> commits = new HashSet<>();

    final List<SimOp> acknowledged = new ArrayList<>();
    /** The key whose session moved here. */
    @Nullable
    SimKey parent;

    /** The keys that its session may have moved to. */
    final List<SimKey> heirs = new ArrayList<>();

    boolean created;

    Instant createdAt = Instant.MIN;
    /** Whether the pointer to where it moved went by itself. */
    boolean pointerForgotten;
    /** Whether the mark of its end was ever in a cache. */
    boolean buried;
    /** Whether it was forgotten by nodes in such a way that a read may have met the one and the other. */
    boolean forgotten;
    /** Whether enough nodes have the mark of its end for it to be found whatever else is lost. */
    boolean endKept;
    /** Whether a cache may show something older to who has no cookie against it. */
    boolean shaky;
    /** Whether what decides has lost something of it. */
    boolean fellBack;
    /** Whether a browser has got its token. */
    boolean given;
    /** How many log-outs found it. */
    int logOuts;
    /** When its end was confirmed. */
    long endedAt = NEVER;
    /** When a log-out of who brought its token was confirmed. */
    long ticketEndedAt = NEVER;
    /** When it was no session any more, for whatever reason. */
    long overAt = NEVER;

    long markedAt = NEVER;

    @Nullable
    Instant pointedAt;

    /** Whether nothing can be promised of it any more. */
    boolean isLoose() {
        return line().stream().anyMatch(key -> key.fellBack);
    }

    /** All those that its session has moved on to by pointers since then, if those were kept. */
    Set<SimKey> pointedTo(Instant since) {
        Set<SimKey> all = new HashSet<>();
        if (pointedAt != null && !pointerForgotten && !isLoose()) {
            for (SimKey heir : heirs) {
                if (heir.createdAt.isAfter(since)) {
                    all.add(heir);
                    all.addAll(heir.pointedTo(since));
                }
            }
        }
        return all;
    }

    /** It and all those whose session moved here. */
    List<SimKey> line() {
        List<SimKey> line = new ArrayList<>();
        for (SimKey key = this; key != null; key = key.parent) {
            line.add(key);
        }
        return line;
    }
}
