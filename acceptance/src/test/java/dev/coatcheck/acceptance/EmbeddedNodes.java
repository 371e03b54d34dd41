package dev.coatcheck.acceptance;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore;
import dev.coatcheck.test.CountingStore;
import dev.coatcheck.test.FaultyStore;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Two nodes over the embedded store, counted and breakable. */
abstract class EmbeddedNodes extends TwoNodes {
    private EmbeddedSessionStore embedded;
    CountingStore counting;
    FaultyStore faults;

    @Override
    final SessionStore open() {
        embedded = new EmbeddedSessionStore(EmbeddedSessionStore.DEFAULT_MAX_BYTES, clock);
        faults = new FaultyStore(embedded);
        counting = new CountingStore(faults).keepValues();
        return counting;
    }

    /** What a task costs the store. */
    int cost(Runnable task) {
        return (int) counting.during(task).total();
    }

    /** The keys of sessions and of old ids: all but those of users' indexes. */
    Set<SessionStore.Key> sessionKeys() {
        return faults.keys().stream()
                .filter(key -> embedded.peek(key, Duration.ZERO)
                        .map(found -> Envelope.of(found.value()).kind() != Envelope.Kind.INDEX)
                        .orElse(true))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
