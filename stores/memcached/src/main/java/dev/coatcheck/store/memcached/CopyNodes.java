package dev.coatcheck.store.memcached;

import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.memcached.MemcachedNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
        List<MemcachedNode> nodes = chosen(parts.client().ranked(parts.name(key)));
        return new CopyNodes(nodes, nodes.stream().map(MemcachedNode::name).toList(), usable);
    }

    /** The first two and the third by rank, each in a zone of its own if there are as many. */
    private static List<MemcachedNode> chosen(List<MemcachedNode> ranked) {
        List<MemcachedNode> chosen = new ArrayList<>();
        Set<String> zones = new HashSet<>();
        while (chosen.size() <= WITNESS && chosen.size() < ranked.size()) {
            MemcachedNode next = ranked.stream()
                    .filter(node -> !chosen.contains(node) && !zones.contains(node.zone()))
                    .findFirst()
                    .orElseGet(() -> ranked.stream()
                            .filter(node -> !chosen.contains(node))
                            .findFirst()
                            .orElseThrow());
            chosen.add(next);
            zones.add(next.zone());
        }
        return chosen;
    }

    @Override
    public boolean answers(int place) {
        return place < nodes.size()
                && nodes.get(place).isUp()
                && (haveWitness() || usable.test(nodes.get(place).name()));
    }
}
