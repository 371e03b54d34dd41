package dev.coatcheck.demo.cluster;

import dev.coatcheck.Envelope;
import dev.coatcheck.store.memcached.MemcachedSessionStore;
import dev.coatcheck.test.MemcachedServer;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/** One of the memcacheds, with what was last seen in it. One thread looks and does what is told, so that no look meets a frozen one. */
final class Node implements AutoCloseable {
    /** How it is. */
    enum Fate {
        UP,
        FROZEN,
        KILLED
    }

    private final int number;
    private final MemcachedServer server = MemcachedServer.start();
    private volatile boolean frozen;
    private volatile Map<String, Envelope> held = Map.of();
    private volatile Map<String, Envelope> heldBefore = Map.of();

    Node(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    /** What the Chirps call it. */
    String name() {
        return "n" + number;
    }

    String address() {
        return server.address();
    }

    long pid() {
        return server.pid();
    }

    Fate fate() {
        return !server.isRunning() ? Fate.KILLED : frozen ? Fate.FROZEN : Fate.UP;
    }

    /** What it held of each key when it was last seen; nothing after its death. */
    Map<String, Envelope> held() {
        return fate() == Fate.KILLED ? Map.of() : held;
    }

    /** What it held a look earlier. */
    Map<String, Envelope> heldBefore() {
        return heldBefore;
    }

    void kill() {
        server.kill();
        frozen = false;
        held = Map.of();
    }

    void freeze() {
        look();
        server.freeze();
        frozen = true;
    }

    void thaw() {
        frozen = false;
        server.thaw();
    }

    void restart() {
        kill();
        server.restart();
    }

    /** Looks what it holds now. No lease is renewed by it. */
    void look() {
        heldBefore = held();
        if (fate() != Fate.UP) {
            return;
        }
        try {
            Map<String, Envelope> now = new HashMap<>();
            server.dump().forEach((key, value) -> {
                if (key.startsWith(MemcachedSessionStore.DEFAULT_PREFIX) && value.length >= Envelope.BYTES) {
                    now.put(key.substring(MemcachedSessionStore.DEFAULT_PREFIX.length()), Envelope.of(value));
                }
            });
            held = Map.copyOf(now);
        } catch (UncheckedIOException | IllegalArgumentException unclear) {
            // It was killed by somebody else, or somebody else writes there. The next look tells.
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
