package dev.coatcheck.servlet;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What a session held when it was ended, for its listeners: they are told afterwards, since no other request may see a session
 * whose end has begun. What they change goes nowhere. Safe for use by many threads.
 */
final class Remains {
    private final long creationTime;
    private final long lastAccessedTime;
    private final boolean isNew;
    private final Map<String, Object> attributes;
    private volatile int interval;

    Remains(long creationTime, long lastAccessedTime, int interval, boolean isNew, Map<String, Object> attributes) {
        this.creationTime = creationTime;
        this.lastAccessedTime = lastAccessedTime;
        this.interval = interval;
        this.isNew = isNew;
        this.attributes = new ConcurrentHashMap<>(attributes);
    }

    long creationTime() {
        return creationTime;
    }

    long lastAccessedTime() {
        return lastAccessedTime;
    }

    boolean isNew() {
        return isNew;
    }

    int interval() {
        return interval;
    }

    void interval(int seconds) {
        interval = Math.max(0, seconds);
    }

    @Nullable
    Object get(String name) {
        return attributes.get(name);
    }

    void set(String name, @Nullable Object value) {
        if (value == null) {
            attributes.remove(name);
        } else {
            attributes.put(name, value);
        }
    }

    Set<String> names() {
        return attributes.keySet();
    }
}
