package dev.coatcheck.store.memcached;

import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.memcached.MemcachedNode;
import java.util.List;
import java.util.function.Predicate;

/**
 * The nodes of one key, by place, as this process sees them.
 *
 * @param usable whether a node may be used that answers
 */
record CopyNodes(List<MemcachedNode> nodes, List<String> names, Predicate<String> usable) implements Voters {

    /** For requests: one of two nodes that has come back is not used until it has what it missed, since no third one knows. */
    static CopyNodes of(Copies.Parts parts, Key key, CopyHints hints) {
        boolean witness = parts.client().nodes().size() > WITNESS;
        return of(parts, key, node -> witness || !hints.wait(node));
    }

    static CopyNodes of(Copies.Parts parts, Key key, Predicate<String> usable) {
        List<MemcachedNode> ranked = parts.client().ranked(parts.name(key));
        List<MemcachedNode> nodes = ranked.subList(0, Math.min(ranked.size(), WITNESS + 1));
        return new CopyNodes(nodes, nodes.stream().map(MemcachedNode::name).toList(), usable);
    }

    @Override
    public boolean answers(int place) {
        MemcachedNode node = nodes.get(place);
        return node.isUp() && usable.test(node.name());
    }
}
