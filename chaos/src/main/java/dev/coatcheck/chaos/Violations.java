package dev.coatcheck.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** Broken promises: all are counted, the first ones kept. Safe for use by many threads. */
final class Violations {
    private static final int KEPT = 100;
    private static final int DETAILS = 3;

    private final ReentrantLock lock = new ReentrantLock();
    private final List<String> first = new ArrayList<>();
    private final List<String> details = new ArrayList<>();
    private long count;

    void add(String what) {
        lock.lock();
        try {
            count++;
            if (first.size() < KEPT) {
                first.add(what);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Something that helps to understand what was added. */
    void tell(String detail) {
        lock.lock();
        try {
            if (details.size() < DETAILS) {
                details.add(detail);
            }
        } finally {
            lock.unlock();
        }
    }

    long count() {
        lock.lock();
        try {
            return count;
        } finally {
            lock.unlock();
        }
    }

    /** The first ones, and the details. */
    List<String> first() {
        lock.lock();
        try {
            List<String> all = new ArrayList<>(first);
            all.addAll(details);
            return all;
        } finally {
            lock.unlock();
        }
    }
}
