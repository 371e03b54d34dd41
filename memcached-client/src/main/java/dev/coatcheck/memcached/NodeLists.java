package dev.coatcheck.memcached;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's nodes, those of its list and those of the list before, and how they change. Callers read one field; the lock is
 * for those who change it, and nobody waits for a server under it.
 */
final class NodeLists {
    /** Each node takes threads. */
    static final int MAX_NODES = 300;

    private static final Logger LOG = LoggerFactory.getLogger(MemcachedClient.class);
    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final long LOOK_AGAIN = TimeUnit.MILLISECONDS.toNanos(50);
    private static final Duration NEVER = Duration.ofDays(365);

    private final ClientSettings settings;
    private final ListRule rule;
    private final LongSupplier nanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<MemcachedNode> retired = new LinkedHashSet<>();
    private boolean closed;
    private volatile Placement placement;
    private volatile Change last = new Change(false, 0);

    /** When the list was changed last, if ever. */
    private record Change(boolean happened, long at) {}

    NodeLists(List<NodeSpec> list, List<NodeSpec> former, ClientSettings settings, ListRule rule, LongSupplier nanos) {
        this.settings = settings;
        this.rule = rule;
        this.nanos = nanos;
        Map<NodeSpec, MemcachedNode> known = new HashMap<>();
        List<MemcachedNode> nodes = nodes(checked(list, settings), known);
        List<NodeSpec> before = former.isEmpty() ? former : checked(former, settings);
        placement = new Placement(nodes).after(underTheirNames(nodes(before, known), nodes));
    }

    Placement placement() {
        return placement;
    }

    Duration unchangedFor() {
        Change change = last;
        return change.happened() ? Duration.ofNanos(nanos.getAsLong() - change.at()) : NEVER;
    }

    void start() {
        all(placement).forEach(MemcachedNode::start);
    }

    /**
     * Makes this the list.
     *
     * @return false when it is already
     * @throws IllegalArgumentException when it is no list for this client; the message says why
     */
    boolean change(List<NodeSpec> list) {
        List<NodeSpec> next = checked(list, settings);
        String told;
        List<MemcachedNode> over;
        lock.lock();
        try {
            requireOpen();
            Placement before = placement;
            List<NodeSpec> now =
                    before.nodes().stream().map(MemcachedNode::spec).toList();
            if (Set.copyOf(now).equals(Set.copyOf(next))) {
                return false;
            }
            String refusal = rule.refusal(now, next, unchangedFor());
            if (refusal != null) {
                throw new IllegalArgumentException(refusal);
            }
            // Ahead of it: whoever sees the new list knows that it is new.
            last = new Change(true, nanos.getAsLong());
            over = follow(before, next);
            told = difference(now, next);
        } finally {
            lock.unlock();
        }
        LOG.info("The list of memcached nodes has changed: {}", told);
        settings.tell(new NodeEvent(NodeEvent.Kind.LIST_CHANGED, "", told));
        over.forEach(this::closeLater);
        return true;
    }

    /** The list before is of no more use. */
    void forgetFormer() {
        List<MemcachedNode> over;
        lock.lock();
        try {
            requireOpen();
            over = become(new Placement(placement.nodes()));
        } finally {
            lock.unlock();
        }
        over.forEach(this::closeLater);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The client is closed");
        }
    }

    /** Nodes that stay are the same objects, with their connections; also those that were about to be closed. */
    private List<MemcachedNode> follow(Placement before, List<NodeSpec> next) {
        Map<NodeSpec, MemcachedNode> known = new HashMap<>();
        Stream.concat(retired.stream(), all(before).stream()).forEach(node -> known.put(node.spec(), node));
        Set<MemcachedNode> there = Set.copyOf(known.values());
        List<MemcachedNode> nodes = nodes(next, known);
        start(nodes.stream().filter(node -> !there.contains(node)).toList());
        return become(new Placement(nodes).after(underTheirNames(before.nodes(), nodes)));
    }

    /** Where there are no threads for all of them, none is left behind: the next list that is asked for may fail alike. */
    private static void start(List<MemcachedNode> added) {
        try {
            added.forEach(MemcachedNode::start);
        } catch (RuntimeException | Error e) {
            added.forEach(MemcachedNode::close);
            throw e;
        }
    }

    /** @return the nodes that no list has any more */
    private List<MemcachedNode> become(Placement next) {
        List<MemcachedNode> over = new ArrayList<>(all(placement));
        over.removeAll(all(next));
        retired.removeAll(all(next));
        retired.addAll(over);
        placement = next;
        return over;
    }

    private List<MemcachedNode> nodes(List<NodeSpec> list, Map<NodeSpec, MemcachedNode> known) {
        return list.stream()
                .map(spec -> known.computeIfAbsent(spec, added -> new MemcachedNode(added, settings)))
                .toList();
    }

    /** A node is who its name says: where its address is another one now, the list before means it too. */
    private static List<MemcachedNode> underTheirNames(List<MemcachedNode> before, List<MemcachedNode> now) {
        Map<String, MemcachedNode> today = now.stream().collect(Collectors.toMap(MemcachedNode::name, node -> node));
        return before.stream()
                .map(node -> today.getOrDefault(node.name(), node))
                .toList();
    }

    private static Set<MemcachedNode> all(Placement placement) {
        Set<MemcachedNode> all = new LinkedHashSet<>(placement.nodes());
        all.addAll(placement.formerNodes());
        return all;
    }

    private static String difference(List<NodeSpec> now, List<NodeSpec> next) {
        return next.size() + " nodes, new " + missing(next, now) + ", gone " + missing(now, next);
    }

    private static List<String> missing(List<NodeSpec> from, List<NodeSpec> in) {
        return from.stream()
                .filter(node -> !in.contains(node))
                .map(NodeSpec::name)
                .toList();
    }

    /** Not at once: whoever has just found it as a key's owner still gets his answer. */
    private void closeLater(MemcachedNode node) {
        Future<?> unused = settings.later(() -> closeWhenIdle(node), GRACE.toNanos());
    }

    private void closeWhenIdle(MemcachedNode node) {
        boolean over;
        lock.lock();
        try {
            if (!retired.contains(node)) {
                // It is in the list again, or all is closed.
                return;
            }
            over = node.isIdle() && retired.remove(node);
        } finally {
            lock.unlock();
        }
        if (over) {
            node.close();
        } else {
            Future<?> unused = settings.later(() -> closeWhenIdle(node), LOOK_AGAIN);
        }
    }

    void close() {
        List<MemcachedNode> nodes;
        lock.lock();
        try {
            closed = true;
            nodes = new ArrayList<>(all(placement));
            nodes.addAll(retired);
            retired.clear();
        } finally {
            lock.unlock();
        }
        nodes.forEach(MemcachedNode::close);
    }

    /** @throws IllegalArgumentException when a node is there twice, too few or too many are, or one cannot speak TLS that has to */
    private static List<NodeSpec> checked(List<NodeSpec> list, ClientSettings settings) {
        if (list.size() < settings.minNodes() || list.size() > MAX_NODES) {
            throw new IllegalArgumentException(
                    "nodes = " + list.size() + ": " + settings.minNodes() + " to " + MAX_NODES + " are accepted");
        }
        List<NodeSpec> checked = new ArrayList<>();
        for (NodeSpec node : list) {
            add(node, checked);
        }
        if (settings.tls() != null && checked.stream().anyMatch(NodeLists::isUnix)) {
            throw new IllegalArgumentException("tls: it is not spoken on sockets of the file system (unix:)");
        }
        return List.copyOf(checked);
    }

    private static boolean isUnix(NodeSpec node) {
        return NodeAddress.parse(node.address()) instanceof NodeAddress.Unix;
    }

    /** @throws IllegalArgumentException when its name or address is there already */
    static void add(NodeSpec node, List<NodeSpec> list) {
        for (NodeSpec other : list) {
            if (other.name().equals(node.name()) || other.address().equals(node.address())) {
                throw new IllegalArgumentException("node '" + node.name() + "': it is there already");
            }
        }
        list.add(node);
    }
}
