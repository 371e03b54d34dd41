package dev.coatcheck.chaos;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Lets time pass, which a run of faults is made of: the one place where a thread stands still. */
final class Waiter {
    private static final long LOOK_NANOS = 10_000_000;

    private Waiter() {}

    /** Waits until something is so; false when it is not within the bound. */
    static boolean until(Duration bound, BooleanSupplier condition) {
        long end = System.nanoTime() + bound.toNanos();
        while (!condition.getAsBoolean()) {
            long left = end - System.nanoTime();
            if (left <= 0 || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(Math.min(left, LOOK_NANOS)); // may end early: the loop asks again
        }
        return true;
    }

    /** Lets so much time pass. */
    static void pass(Duration duration) {
        until(duration, () -> false);
    }
}
