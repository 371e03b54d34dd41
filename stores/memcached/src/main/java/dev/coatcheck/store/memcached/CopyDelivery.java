package dev.coatcheck.store.memcached;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.memcached.MemcachedNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings to nodes that answer again what they have missed, behind the requests. A thread of its own; a node's hints are given to
 * it one after another. Without a witness it is used for nothing else until it has them.
 */
final class CopyDelivery implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MemcachedSessionStore.class);
    private static final Duration PERIOD = Duration.ofMillis(100);

    private final Copies.Parts parts;
    private final CopyLives lives;
    private final CopyHints hints;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "memcached copies");
        made.setDaemon(true);
        return made;
    });

    CopyDelivery(Copies.Parts parts, CopyLives lives, CopyHints hints) {
        this.parts = parts;
        this.lives = lives;
        this.hints = hints;
        var unused = thread.scheduleWithFixedDelay(
                this::deliver, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void deliver() {
        try {
            List<MemcachedNode> nodes = parts.client().nodes();
            hints.keep(nodes.stream().map(MemcachedNode::name).collect(Collectors.toSet()));
            nodes.stream()
                    .filter(node -> node.isUp() && hints.wait(node.name()))
                    .forEach(this::deliver);
        } catch (RuntimeException | Error e) {
            // Whatever it is: this thread is needed for the next round.
            LOG.error(
                    "Bringing a memcached what it has missed failed: {}",
                    e.getClass().getName());
        }
    }

    private void deliver(MemcachedNode node) {
        int brought = 0;
        for (Map.Entry<Key, CopyHints.Hint> entry : hints.of(node.name()).entrySet()) {
            if (node.isUp() && deliver(node, entry.getKey(), entry.getValue())) {
                hints.delivered(node.name(), entry.getKey(), entry.getValue());
                brought++;
            }
        }
        if (brought > 0) {
            LOG.info("memcached {} was brought what it had missed of {} sessions", node.name(), brought);
        }
    }

    private boolean deliver(MemcachedNode node, Key key, CopyHints.Hint hint) {
        CopyNodes nodes = CopyNodes.of(parts, key, name -> true);
        int place = nodes.names().indexOf(node.name());
        if (place < 0) {
            return true; // the key's nodes have changed
        }
        CopyDriver driver =
                new CopyDriver(parts.name(key), nodes.nodes(), parts.client().timeout(), parts.clock());
        try {
            return driver.run(mend(nodes, lives, hints.of(key, nodes), place, hint));
        } catch (SessionUnavailableException e) {
            return e.lost();
        }
    }

    /** Gives a node what it has missed of one key. True when that is settled, and not when it has gone meanwhile. */
    static CopyStep<Boolean> mend(
            Voters voters, CopyLives lives, CopyHints.OfKey hints, int place, CopyHints.Hint hint) {
        NodeValue tomb = hint.tomb();
        if (tomb == null) {
            return new CopyReads(voters, lives, hints, hint.lease(), false)
                    .load()
                    .then(found -> new CopyStep.Done<>(!hints.missed(place)));
        }
        Duration rest = lives.rest(Envelope.of(tomb.bytes()));
        return rest.isZero()
                ? new CopyStep.Done<>(true)
                : CopyStep.ask(
                        place,
                        new NodeRequest.Bury(tomb, rest),
                        answer -> new CopyStep.Done<>(answer instanceof NodeAnswer.Done));
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
