package dev.coatcheck.demo.cluster;

import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionManager;
import dev.coatcheck.demo.ChirpServer;
import dev.coatcheck.demo.Timeline;
import dev.coatcheck.store.memcached.CopyStats;
import dev.coatcheck.store.memcached.MemcachedSessionStore;
import java.net.BindException;
import java.net.URI;
import java.time.Clock;

/** One of the Chirps, with connections of its own to the nodes. */
final class Site implements AutoCloseable {
    private final String name;
    private final MemcachedSessionStore store;
    private final SessionManager sessions;
    private final ChirpServer server;

    private Site(String name, int port, String url, KeyRing ring, Timeline timeline) {
        this.name = name;
        store = MemcachedSessionStore.open(url);
        sessions = SessionManager.builder()
                .application("chirp")
                .store(store)
                .keyRing(ring)
                .build();
        server = new ChirpServer(port, sessions, timeline, Clock.systemUTC());
    }

    /** @throws IllegalArgumentException when the port is taken */
    static Site start(String name, int port, String url, KeyRing ring, Timeline timeline) throws Exception {
        Site site = new Site(name, port, url, ring, timeline);
        try {
            site.server.start();
            return site;
        } catch (Exception e) {
            site.close();
            throw e.getCause() instanceof BindException || e instanceof BindException
                    ? new IllegalArgumentException(
                            "port " + port
                                    + " is taken: name two others, as bin/cluster-demo --ports=8090,8091, or --ports=0,0 for any")
                    : e;
        }
    }

    String name() {
        return name;
    }

    URI uri() {
        return server.uri();
    }

    /** Whether it believes that a node answers. */
    boolean sees(Node node) {
        return store.nodes().stream().anyMatch(one -> one.name().equals(node.name()) && one.isUp());
    }

    CopyStats copies() {
        return store.copyStats();
    }

    @Override
    public void close() {
        try (sessions) {
            server.close();
        }
    }
}
