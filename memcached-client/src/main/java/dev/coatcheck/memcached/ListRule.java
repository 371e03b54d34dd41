package dev.coatcheck.memcached;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether a client's list of nodes may become another one. Asked under a lock: it looks at the lists and at nothing else. */
@FunctionalInterface
public interface ListRule {
    /**
     * Why not, in words for a log; null when it may.
     *
     * @param now the list of now
     * @param next another one, never empty
     * @param unchangedFor how long ago the list was changed last; very long when it never was
     */
    @Nullable
    String refusal(List<NodeSpec> now, List<NodeSpec> next, Duration unchangedFor);

    /** Every change is allowed. */
    static ListRule any() {
        return (now, next, unchangedFor) -> null;
    }

    /**
     * One node is added, removed or given another zone or address at a time, and the next one not before so much time is over:
     * time for all other clients to hear of it. Whoever keeps each key on two nodes needs that, so that the nodes of a key
     * before a change and after it are never all different.
     */
    static ListRule oneAtATime(Duration pause) {
        return (now, next, unchangedFor) -> {
            Set<String> changed = new HashSet<>();
            now.stream().filter(node -> !next.contains(node)).forEach(node -> changed.add(node.name()));
            next.stream().filter(node -> !now.contains(node)).forEach(node -> changed.add(node.name()));
            if (changed.size() > 1) {
                return changed.size() + " nodes differ, and one may be changed at a time";
            }
            return unchangedFor.compareTo(pause) < 0
                    ? "another change is less than " + pause.toMillis() + " ms ago"
                    : null;
        };
    }
}
