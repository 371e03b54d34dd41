package dev.coatcheck;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has chores done by the threads that serve requests, each at the end of one. The lock guards the queue alone. */
final class RequestChores implements Chores {
    private static final Logger LOG = LoggerFactory.getLogger(SessionManager.class);
    /** More than a request adds, so that they do not pile up; few, since its client may wait for the connection. */
    private static final int MOST_A_REQUEST = 2;

    private final LongSupplier nanos;
    private final long start;
    private final ReentrantLock lock = new ReentrantLock();
    private final PriorityQueue<Due> queue =
            new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::number));
    private long number;
    private boolean closed;

    private record Due(long at, long number, Runnable chore) {}

    RequestChores(LongSupplier nanos) {
        this.nanos = nanos;
        start = nanos.getAsLong();
    }

    /** Since the start: a counter that may wrap is not to be compared. */
    private long now() {
        return nanos.getAsLong() - start;
    }

    @Override
    public void in(Duration delay, Runnable chore) {
        lock.lock();
        try {
            if (!closed) {
                queue.add(new Due(now() + delay.toNanos(), number++, chore));
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int waiting() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean mayTakeLong() {
        return false;
    }

    @Override
    public void requestOver() {
        for (int i = 0; i < MOST_A_REQUEST; i++) {
            Runnable chore = due();
            if (chore == null) {
                return;
            }
            try {
                chore.run();
            } catch (RuntimeException e) {
                LOG.error("Work behind an answer failed: {}", e.getClass().getName());
            }
        }
    }

    private @Nullable Runnable due() {
        lock.lock();
        try {
            Due first = queue.peek();
            if (first == null || first.at > now()) {
                return null;
            }
            queue.remove();
            return first.chore;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            queue.clear();
        } finally {
            lock.unlock();
        }
    }
}
