package dev.coatcheck.memcached;

import java.util.concurrent.ScheduledExecutorService;

/** A client's settings at their defaults. */
final class TestSettings {
    private TestSettings() {}

    static ClientSettings with(ScheduledExecutorService timer) {
        return with(timer, event -> {});
    }

    static ClientSettings with(ScheduledExecutorService timer, NodeListener listener) {
        return MemcachedClient.builder().listener(listener).settings(timer);
    }
}
