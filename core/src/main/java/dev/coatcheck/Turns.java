package dev.coatcheck;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets the threads of one request do I/O one at a time, without a lock around it: who comes while another is at it waits for
 * its end and then takes its own turn.
 */
final class Turns {
    private final ReentrantLock lock;
    private @Nullable CompletableFuture<Void> running;
    private @Nullable Thread runner;

    /**
     * @param lock guards the two fields; never held while a turn runs
     */
    Turns(ReentrantLock lock) {
        this.lock = lock;
    }

    /**
     * Runs an action when no other is running.
     *
     * @throws IllegalStateException when called from within an action, such as by an update function
     */
    void take(Runnable action) {
        if (lock.isHeldByCurrentThread()) {
            throw fromWithin(); // within a change: I/O here would hold the lock
        }
        CompletableFuture<Void> mine = new CompletableFuture<>();
        while (true) {
            CompletableFuture<Void> other;
            lock.lock();
            try {
                if (running == null) {
                    running = mine;
                    runner = Thread.currentThread();
                    break;
                }
                if (runner == Thread.currentThread()) {
                    throw fromWithin();
                }
                other = running;
            } finally {
                lock.unlock();
            }
            other.join();
        }
        try {
            action.run();
        } finally {
            lock.lock();
            try {
                running = null;
                runner = null;
            } finally {
                lock.unlock();
            }
            mine.complete(null);
        }
    }

    private static IllegalStateException fromWithin() {
        return new IllegalStateException(
                "A listener or update function may not load, commit or end the session that it is called for");
    }
}
