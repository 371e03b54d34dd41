package dev.coatcheck.test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Calls that wait and writes that come late. Safe for use by many threads; no wait is longer than 30 seconds. */
final class HeldCalls {
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(30);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Runnable> late = new ArrayList<>();
    private long round;
    private int waiting;

    /** Waits for the next release. */
    void hold() {
        lock.lock();
        try {
            long mine = round;
            waiting++;
            changed.signalAll();
            for (long left = LONGEST; round == mine; left = changed.awaitNanos(left)) {
                if (left <= 0) {
                    throw new AssertionError("A stalled call of the store was never released");
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted in a stalled call of the store", interrupted);
        } finally {
            waiting--;
            lock.unlock();
        }
    }

    void later(Runnable write) {
        lock.lock();
        try {
            late.add(write);
        } finally {
            lock.unlock();
        }
    }

    void await(int calls) {
        lock.lock();
        try {
            for (long left = LONGEST; waiting < calls; left = changed.awaitNanos(left)) {
                if (left <= 0) {
                    throw new AssertionError("Only " + waiting + " of " + calls + " calls of the store are stalled");
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while waiting for stalled calls", interrupted);
        } finally {
            lock.unlock();
        }
    }

    void release() {
        List<Runnable> writes;
        lock.lock();
        try {
            round++;
            writes = List.copyOf(late);
            late.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        writes.forEach(Runnable::run);
    }
}
