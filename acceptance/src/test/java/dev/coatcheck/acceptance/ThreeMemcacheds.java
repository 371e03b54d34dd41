package dev.coatcheck.acceptance;

import dev.coatcheck.SessionStore;
import dev.coatcheck.store.memcached.MemcachedSessionStore;
import dev.coatcheck.test.FaultProxy;
import dev.coatcheck.test.MemcachedServer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Real memcacheds, three unless told otherwise, with a proxy in front of each for each of two application nodes. */
final class ThreeMemcacheds {
    final List<MemcachedServer> servers = new ArrayList<>();
    final List<FaultProxy> wiresOne = new ArrayList<>();
    final List<FaultProxy> wiresTwo = new ArrayList<>();
    private final String options;

    ThreeMemcacheds() {
        this(3, "copies=2&timeout=5s"); // this machine may be busy
    }

    /** @param options of the stores' URLs */
    ThreeMemcacheds(int nodes, String options, String... serverOptions) {
        this.options = options;
        for (int i = 0; i < nodes; i++) {
            MemcachedServer server = MemcachedServer.start(serverOptions);
            servers.add(server);
            wiresOne.add(FaultProxy.before(server));
            wiresTwo.add(FaultProxy.before(server));
        }
    }

    /** A store without proxies in between. */
    MemcachedSessionStore direct() {
        return open(servers.stream().map(MemcachedServer::address).toList());
    }

    MemcachedSessionStore one() {
        return open(wiresOne.stream().map(FaultProxy::address).toList());
    }

    MemcachedSessionStore two() {
        return open(wiresTwo.stream().map(FaultProxy::address).toList());
    }

    private MemcachedSessionStore open(List<String> addresses) {
        // Both proxies lead to one server: it has one name.
        String nodes = IntStream.range(0, addresses.size())
                .mapToObj(i -> "mc" + i + "=" + addresses.get(i))
                .collect(Collectors.joining(","));
        return (MemcachedSessionStore) SessionStore.open("memcached://" + nodes + "?" + options);
    }

    /** The commands that all servers have counted. */
    long commands() {
        return servers.stream().mapToLong(server -> server.commands().total()).sum();
    }

    long during(Runnable work) {
        long before = commands();
        work.run();
        return commands() - before;
    }

    void stop() {
        wiresOne.forEach(FaultProxy::close);
        wiresTwo.forEach(FaultProxy::close);
        servers.forEach(MemcachedServer::close);
    }
}
