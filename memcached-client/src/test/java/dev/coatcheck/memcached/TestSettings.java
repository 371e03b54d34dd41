package dev.coatcheck.memcached;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;

/** A client's settings at their defaults. */
final class TestSettings {
    private TestSettings() {}

    static ClientSettings with(ScheduledExecutorService timer) {
        return with(timer, event -> {});
    }

    static ClientSettings with(ScheduledExecutorService timer, NodeListener listener) {
        return new ClientSettings(
                Duration.ofMillis(250), 2, 1_024, 16L << 20, 1 << 20, 1, null, Credentials.NONE, listener, timer);
    }
}
