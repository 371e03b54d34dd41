package dev.coatcheck.chaos;

import java.util.concurrent.atomic.AtomicLong;

/** Gives each moment of a run a number, in the order of what happens before what. */
final class Moments {
    private final AtomicLong last = new AtomicLong();

    long next() {
        return last.incrementAndGet();
    }
}
