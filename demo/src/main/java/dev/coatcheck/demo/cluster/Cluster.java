package dev.coatcheck.demo.cluster;

import dev.coatcheck.KeyRing;
import dev.coatcheck.demo.Timeline;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Three memcacheds and the two Chirps that keep two copies of each session there. */
final class Cluster implements AutoCloseable {
    private static final int NODES = 3;
    private static final long LOOK_MILLIS = 200;

    private final List<Node> nodes = new ArrayList<>();
    private final List<Site> sites = new ArrayList<>();
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(Threads::daemon);
    private final Orders orders = new Orders(nodes);

    private Cluster() {}

    /**
     * Starts all of it.
     *
     * @param ports of the Chirps
     * @throws IllegalArgumentException when one of them is taken
     * @throws IllegalStateException when there is no memcached
     */
    static Cluster start(List<Integer> ports) throws Exception {
        Cluster cluster = new Cluster();
        try {
            for (int number = 1; number <= NODES; number++) {
                cluster.nodes.add(new Node(number));
            }
            KeyRing ring = KeyRing.parse(KeyRing.generate());
            // One timeline, as from one database: what the Chirps share through the nodes is the sessions.
            Timeline timeline = new Timeline();
            for (int i = 0; i < ports.size(); i++) {
                String name = String.valueOf((char) ('A' + i));
                cluster.sites.add(Site.start(name, ports.get(i), cluster.url(), ring, timeline));
            }
        } catch (Exception | Error e) {
            cluster.close();
            throw e;
        }
        ScheduledFuture<?> unused = cluster.looks.scheduleWithFixedDelay(
                () -> cluster.nodes.forEach(Node::look), 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        return cluster;
    }

    /** Does what the user typed, between two looks, and tells what came of it. */
    String carryOut(String order) throws InterruptedException {
        try {
            return looks.submit(() -> orders.carryOut(order)).get();
        } catch (ExecutionException e) {
            return "That failed: " + e.getCause();
        }
    }

    private String url() {
        return nodes.stream()
                .map(node -> node.name() + "=" + node.address())
                .collect(Collectors.joining(",", "memcached://", "?copies=2"));
    }

    List<Node> nodes() {
        return nodes;
    }

    List<Site> sites() {
        return sites;
    }

    @Override
    public void close() {
        looks.shutdownNow();
        sites.forEach(Site::close);
        nodes.forEach(Node::close);
    }
}
