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

    /** It and all those whose session moved here. */
    List<SimKey> line() {
        List<SimKey> line = new ArrayList<>();
        for (SimKey key = this; key != null; key = key.parent) {
            line.add(key);
        }
        return line;
    }
}
