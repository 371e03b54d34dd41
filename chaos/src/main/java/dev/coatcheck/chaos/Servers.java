package dev.coatcheck.chaos;

import dev.coatcheck.SessionStore;
import dev.coatcheck.TieredSessionStore;
import dev.coatcheck.memcached.NodeStats;
import dev.coatcheck.store.memcached.MemcachedSessionStore;
import dev.coatcheck.test.FaultProxy;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The real servers of a place, with a proxy for each way from an application node to a server, and the nodes' stores. */
final class Servers implements AutoCloseable {
    static final int APP_NODES = 2;

    /** Short enough to be over within a fault, long enough for a machine that is busy. */
    private static final String TIMEOUT = "400ms";

    private static final String DATABASE_TIMEOUT = "2s";

    private final List<MemcachedServer> memcacheds = new ArrayList<>();
    private final @Nullable PostgresServer database;
    /** By application node, then by server. */
    private final List<List<FaultProxy>> wires = new ArrayList<>();

    private final List<FaultProxy> databaseWires = new ArrayList<>();
    private final List<SessionStore> stores = new ArrayList<>();

    Servers(Place place) {
        database = place.database ? PostgresServer.start() : null;
        try {
            for (int i = 0; i < place.memcacheds; i++) {
                memcacheds.add(MemcachedServer.start());
            }
            for (int app = 0; app < APP_NODES; app++) {
                wires.add(memcacheds.stream().map(FaultProxy::before).toList());
                stores.add(SessionStore.open(url(place, wires.get(app))));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private String url(Place place, List<FaultProxy> ways) {
        // Each application node has proxies of its own to the same servers, which have one name each.
        String nodes = IntStream.range(0, ways.size())
                .mapToObj(i -> "mc" + i + "=" + ways.get(i).address())
                .collect(Collectors.joining(","));
        String memcached = "memcached://" + nodes + "?timeout=" + TIMEOUT + place.options;
        PostgresServer server = database;
        if (server == null) {
            return memcached;
        }
        FaultProxy way = FaultProxy.before(server.host(), server.port());
        databaseWires.add(way);
        return "tiered:" + memcached + "+" + server.url().replace(":" + server.port() + "/", ":" + way.port() + "/")
                + "&coatcheck.timeout=" + DATABASE_TIMEOUT;
    }

    List<SessionStore> stores() {
        return stores;
    }

    List<MemcachedServer> memcacheds() {
        return memcacheds;
    }

    FaultProxy wire(int app, int node) {
        return wires.get(app).get(node);
    }

    FaultProxy databaseWire(int app) {
        return databaseWires.get(app);
    }

    private Stream<MemcachedSessionStore> memcachedStores() {
        return stores.stream().map(store ->
                (MemcachedSessionStore) (store instanceof TieredSessionStore tiered ? tiered.cache() : store));
    }

    private List<NodeStats> stats() {
        return memcachedStores().flatMap(store -> store.stats().stream()).toList();
    }

    /** Whether each application node reaches each memcached, as far as it knows, and has brought it what it missed. */
    boolean areAllUp() {
        return stats().stream().allMatch(NodeStats::up)
                && memcachedStores()
                        .allMatch(store -> store.copyStats().missed().isEmpty());
    }

    /** Second copies that were brought what they had missed. */
    long repairs() {
        return memcachedStores().mapToLong(store -> store.copyStats().repairs()).sum();
    }

    /** How often an application node did not get what it wanted of a server: a number that grows with every fault that hits. */
    long hurts() {
        long hurts = stats().stream()
                .mapToLong(node -> node.timeouts() + node.notSent() + node.connections())
                .sum();
        return hurts + databaseWires.stream().mapToLong(FaultProxy::happened).sum();
    }

    /** The proxies keep what passes; it is not needed. */
    void forgetTraffic() {
        wires.forEach(ways -> ways.forEach(FaultProxy::resetCounters));
    }

    @Override
    public void close() {
        stores.forEach(SessionStore::close);
        wires.forEach(ways -> ways.forEach(FaultProxy::close));
        databaseWires.forEach(FaultProxy::close);
        memcacheds.forEach(MemcachedServer::close);
        if (database != null) {
            database.close();
        }
    }
}
