package dev.coatcheck.servlet;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Session attributes that no record can hold, kept in this process alone: a restart loses them, and so does a session that
 * goes on at another node. Bounded in sessions and in values of each. Safe for use by many threads.
 */
final class ProcessValues {
    private static final int MOST_SESSIONS = 10_000;
    private static final int MOST_VALUES = 64;

    private final Bounded<Map<String, Object>> sessions = new Bounded<>(MOST_SESSIONS);

    @Nullable
    Object get(String id, String name) {
        Map<String, Object> values = sessions.get(id);
        return values == null ? null : values.get(name);
    }

    /** False when the session has too many of them. */
    boolean put(String id, String name, Object value) {
        boolean[] kept = {false};
        sessions.change(id, known -> {
            Map<String, Object> values = known == null ? new ConcurrentHashMap<>() : known;
            kept[0] = values.size() < MOST_VALUES || values.containsKey(name);
            if (kept[0]) {
                values.put(name, value);
            }
            return values;
        });
        return kept[0];
    }

    void remove(String id, String name) {
        sessions.change(id, values -> {
            if (values != null) {
                values.remove(name);
            }
            return values == null || values.isEmpty() ? null : values;
        });
    }

    List<String> names(String id) {
        Map<String, Object> values = sessions.get(id);
        return values == null ? List.of() : new ArrayList<>(new TreeMap<>(values).keySet());
    }

    void move(String id, String to) {
        Map<String, Object> values = sessions.remove(id);
        if (values != null) {
            sessions.change(to, none -> values);
        }
    }

    void drop(String id) {
        sessions.remove(id);
    }
}
