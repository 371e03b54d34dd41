package dev.coatcheck.store.memcached;

import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.memcached.MemcachedNode;
import java.util.List;
import java.util.function.Predicate;

/**
 * The nodes of one key, by place, as this process sees them.
 *
 * @param usable whether a node that answers may be used without a witness
 */
record CopyNodes(List<MemcachedNode> nodes, List<String> names, Predicate<String> usable) implements Voters {

    /** For requests: one of two nodes that has come back is not used until it has what it missed, since no third one knows. */
    static CopyNodes of(Copies.Parts parts, Key key, CopyHints hints) {
        return of(parts, key, node -> !hints.wait(node));
    }

    static CopyNodes of(Copies.Parts parts, Key key, Predicate<String> usable) {
        List<MemcachedNode> nodes = parts.client().owners(parts.name(key), WITNESS + 1);
        return new CopyNodes(nodes, nodes.stream().map(MemcachedNode::name).toList(), usable);
    }

    @Override
    public boolean answers(int place) {
        return place < nodes.size()
                && nodes.get(place).isUp()
                && (haveWitness() || usable.test(nodes.get(place).name()));
    }
}
