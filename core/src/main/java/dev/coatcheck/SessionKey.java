package dev.coatcheck;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Names an attribute and its type. */
public final class SessionKey<T> {
    private final String name;

    private SessionKey(String name) {
        this.name = name;
    }

    public static <T> SessionKey<T> of(String name, Class<T> type) {
        return new SessionKey<>(name);
    }

    public static <E> SessionKey<List<E>> listOf(String name, Class<E> type) {
        return new SessionKey<>(name);
    }

    public static <E> SessionKey<Set<E>> setOf(String name, Class<E> type) {
        return new SessionKey<>(name);
    }

    public static <V> SessionKey<Map<String, V>> mapOf(String name, Class<V> type) {
        return new SessionKey<>(name);
    }

    public SessionKey<T> guarded() {
        return this;
    }

    public SessionKey<T> cacheOnly() {
        return this;
    }

    boolean isGuarded() {
        return false;
    }

    ValueType<T> type() {
        return new ValueType<>(Object.class);
    }

    String name() {
        return name;
    }
}
