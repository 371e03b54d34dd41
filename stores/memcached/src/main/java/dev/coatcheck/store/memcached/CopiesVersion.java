package dev.coatcheck.store.memcached;

import dev.coatcheck.SessionStore.Version;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One state of one key at both nodes that hold it.
 *
 * @param number the version
 * @param nodes the names of the key's nodes when it was seen
 * @param first the state at the first node; null when that was out of reach
 * @param second the state at the second node; null when that was out of reach
 * @param vote the state at the witness, which has seen this version or one before it; null when both were in reach
 */
record CopiesVersion(
        long number,
        List<String> nodes,
        @Nullable NodeState first,
        @Nullable NodeState second,
        @Nullable NodeState vote)
        implements Version {
    @Nullable
    NodeState at(int place) {
        return place == Voters.FIRST ? first : second;
    }

    /** Hides all. */
    @Override
    public String toString() {
        return "Version[hidden]";
    }
}
