package dev.coatcheck.memcached;

import dev.coatcheck.memcached.MemcachedException.Fate;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a source of nodes again and again, in a thread of its own. Whatever the source does, the last good list stays. */
final class Discovery {
    private static final Logger LOG = LoggerFactory.getLogger(MemcachedClient.class);
    private static final int MAX_SHOWN = 200;

    private final NodeSource source;
    private final NodeLists lists;
    private final ClientSettings settings;
    private final Duration interval;
    private final Thread thread;
    private String lastReason = "";
    private final CountDownLatch closed = new CountDownLatch(1);

    Discovery(NodeSource source, NodeLists lists, ClientSettings settings, Duration interval) {
        this.source = source;
        this.lists = lists;
        this.settings = settings;
        this.interval = interval;
        thread = new Thread(this::lookAgainAndAgain, "memcached list");
        thread.setDaemon(true);
    }

    /**
     * The list to begin with.
     *
     * @throws MemcachedException when there is none
     */
    static List<NodeSpec> first(NodeSource source) {
        try {
            return source.nodes();
        } catch (IOException e) {
            throw new MemcachedException(Fate.NOT_SENT, "There is no list of nodes: " + Link.reason(e));
        }
    }

    void start() {
        thread.start();
    }

    private void lookAgainAndAgain() {
        while (!isClosedWithin(interval)) {
            look();
        }
    }

    private boolean isClosedWithin(Duration time) {
        // A source that left it set would have us ask without a pause.
        boolean unused = Thread.interrupted();
        try {
            return closed.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    /** Asks once, and says once why a list stays as it is. */
    void look() {
        try {
            lists.change(source.nodes());
            lastReason = "";
        } catch (IOException | RuntimeException | Error e) {
            // Whatever it is: nobody else would ask again.
            boolean ours = e instanceof IOException || e instanceof IllegalArgumentException;
            stays(ours ? Link.reason(e) : e.getClass().getName());
        }
    }

    private void stays(String reason) {
        String shown = reason.replaceAll("[^ -~]", "?");
        shown = shown.substring(0, Math.min(shown.length(), MAX_SHOWN));
        if (closed.getCount() > 0 && !shown.equals(lastReason)) {
            lastReason = shown;
            LOG.warn("The list of memcached nodes stays as it is: {}", shown);
            settings.tell(new NodeEvent(NodeEvent.Kind.LIST_REFUSED, "", shown));
        }
    }

    void close() {
        closed.countDown();
    }
}
