package dev.coatcheck;

import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.StoreHealth.Part;
import dev.coatcheck.StoreHealth.State;
import dev.coatcheck.StoreHealth.Trouble;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a store how it is, for whoever asks and every minute for itself, so that evictions are told though nobody looks. However
 * many ask, the store is asked once a second. Safe for use by many threads.
 */
final class HealthWatch {
    private static final Logger LOG = LoggerFactory.getLogger(SessionManager.class);
    private static final Duration EVERY = Duration.ofSeconds(60);
    private static final long FRESH = TimeUnit.SECONDS.toNanos(1);
    private static final long STALE = TimeUnit.SECONDS.toNanos(5);

    private final SessionStore store;
    private final Events events;
    private final LongSupplier nanos;
    private final MinuteLog log;
    /** By the part's name, what it had thrown out when it was last asked. */
    private final Map<String, Long> evictions = new ConcurrentHashMap<>();

    /** Others do not wait for an answer that is on its way. */
    private volatile boolean asking;

    private volatile @Nullable Answer last;

    private record Answer(StoreHealth health, long at) {}

    HealthWatch(SessionStore store, Protocol protocol, LongSupplier nanos) {
        this.store = store;
        this.nanos = nanos;
        events = protocol.events();
        log = new MinuteLog(protocol.clock());
    }

    /** Looks by itself every minute, until the chores are closed. */
    void start(Chores chores) {
        chores.in(EVERY, () -> {
            health();
            start(chores);
        });
    }

    /** How the store is now, or was a moment ago. Throws nothing. */
    StoreHealth health() {
        Answer known = last;
        if (known != null) {
            long age = nanos.getAsLong() - known.at;
            if (age < FRESH || age < STALE && asking) {
                return known.health;
            }
        }
        asking = true;
        try {
            StoreHealth health = ask();
            last = new Answer(health, nanos.getAsLong());
            return health;
        } finally {
            asking = false;
        }
    }

    private StoreHealth ask() {
        StoreHealth health;
        try {
            health = store.health();
            tell(health);
        } catch (RuntimeException e) {
            LOG.error("The store could not be asked how it is: {}", e.getClass().getName());
            return StoreHealth.of(Part.away("store", "a fault: " + e.getClass().getSimpleName()));
        }
        return health;
    }

    private void tell(StoreHealth health) {
        for (Part part : health.parts()) {
            Long now = part.figures().get(StoreHealth.EVICTIONS);
            if (now != null) {
                Long before = evictions.put(part.name(), now);
                boolean more = now > (before == null ? 0 : before);
                if (more && part.troubles().contains(Trouble.EVICTS) && store.leavesProcess()) {
                    events.tell(Kind.EVICTED, null);
                }
            }
        }
        if (health.state() != State.UP) {
            log.run(times -> LOG.warn("The session store is {}: {}", health.state(), reasons(health)));
        }
    }

    private static String reasons(StoreHealth health) {
        return health.parts().stream()
                .filter(part -> part.state() != State.UP)
                .map(part -> part.name() + " " + part.state() + ": " + part.reason())
                .collect(Collectors.joining("; "));
    }
}
