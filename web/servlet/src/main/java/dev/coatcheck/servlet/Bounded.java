package dev.coatcheck.servlet;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A map that forgets what was not used for longest. Safe for use by many threads. */
final class Bounded<V> {
    private final ReentrantLock lock = new ReentrantLock();
    private final LinkedHashMap<String, V> entries;

    Bounded(int most) {
        entries = new LinkedHashMap<>(16, 0.75F, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > most;
            }
        };
    }

    @Nullable
    V get(String key) {
        lock.lock();
        try {
            return entries.get(key);
        } finally {
            lock.unlock();
        }
    }

    /** Replaces a value by another one, in one step; null is for absent, in both directions. */
    @Nullable
    V change(String key, UnaryOperator<@Nullable V> function) {
        lock.lock();
        try {
            return entries.compute(key, (same, old) -> function.apply(old));
        } finally {
            lock.unlock();
        }
    }

    @Nullable
    V remove(String key) {
        lock.lock();
        try {
            return entries.remove(key);
        } finally {
            lock.unlock();
        }
    }
}
