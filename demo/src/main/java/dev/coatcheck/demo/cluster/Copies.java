package dev.coatcheck.demo.cluster;

import dev.coatcheck.Envelope;
import dev.coatcheck.Envelope.Kind;
import dev.coatcheck.demo.cluster.Node.Fate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One key, and what each node holds of it, as it was last seen. */
final class Copies {
    private static final int SHOWN_OF_KEY = 8;

    private final String key;
    private final List<Node> nodes;
    private final Map<Node, Envelope> held;
    private final Envelope newest;
    /** The newest version a look earlier: what is older than that is not just being written. */
    private final int settled;

    private Copies(String key, List<Node> nodes, Map<Node, Envelope> held) {
        this.key = key;
        this.nodes = nodes;
        this.held = held;
        settled = nodes.stream()
                .map(node -> node.heldBefore().get(key))
                .filter(Objects::nonNull)
                .mapToInt(Envelope::version)
                .max()
                .orElse(0);
        newest = held.values().stream()
                .max(Comparator.comparingInt(Envelope::version).thenComparing(one -> one.kind() != Kind.STUB))
                .orElseThrow();
    }

    /** All keys that are anywhere, live sessions first. */
    static List<Copies> of(List<Node> nodes) {
        Map<String, Map<Node, Envelope>> byKey = new TreeMap<>();
        for (Node node : nodes) {
            node.held()
                    .forEach((key, envelope) -> byKey.computeIfAbsent(
                                    key, any -> new TreeMap<>(Comparator.comparingInt(Node::number)))
                            .put(node, envelope));
        }
        List<Copies> all = new ArrayList<>();
        byKey.forEach((key, held) -> all.add(new Copies(key, nodes, held)));
        all.sort(Comparator.comparingInt((Copies copies) -> copies.isSession() ? 0 : copies.isList() ? 1 : 2)
                .thenComparing(copies -> copies.key));
        return all;
    }

    /** Whether it is a session that is alive. */
    boolean isSession() {
        return newest.kind().isSession() || newest.kind() == Kind.STUB;
    }

    /** Whether it is a user's list of sessions. */
    boolean isList() {
        return newest.kind() == Kind.INDEX;
    }

    /** How many nodes that answer have its newest state, or one that was the newest a moment ago. */
    int current() {
        return (int) nodes.stream()
                .filter(node -> node.fate() == Fate.UP)
                .map(held::get)
                .filter(Objects::nonNull)
                .filter(one -> one.kind() != Kind.STUB && !isBehind(one))
                .count();
    }

    private boolean isBehind(Envelope one) {
        return one.version() < settled;
    }

    String line() {
        StringBuilder line = new StringBuilder(String.format("  %-7s %s", kind(), key.substring(0, SHOWN_OF_KEY)));
        for (Node node : nodes) {
            String text = text(held.get(node));
            boolean certain = node.fate() != Fate.FROZEN || held.get(node) == null;
            line.append(String.format("  %s: %-15s", node.name(), certain ? text : "(" + text + ")"));
        }
        return line.toString().stripTrailing();
    }

    private String kind() {
        return switch (newest.kind()) {
            case INDEX -> "list";
            case TOMB, FORWARD, MARKER, MOVED -> "past";
            case LIVE, SPLIT, STUB -> "session";
        };
    }

    private String text(@Nullable Envelope one) {
        if (one == null) {
            return "-";
        }
        return switch (one.kind()) {
            case STUB -> one.version() == Envelope.TERMINAL_VERSION ? "witness" : "witness v" + one.version();
            case TOMB -> "ended";
            case FORWARD, MARKER, MOVED -> "old id";
            case LIVE, SPLIT, INDEX -> "v" + one.version() + (isBehind(one) ? " behind" : "");
        };
    }
}
