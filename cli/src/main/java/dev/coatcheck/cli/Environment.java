package dev.coatcheck.cli;

import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** What the environment says of the store and of the application whose sessions are in it. */
final class Environment {
    private static final int MAX_BYTES = 262_144;

    private final Map<String, String> variables;

    Environment(Map<String, String> variables) {
        this.variables = variables;
    }

    /** Opens the store. */
    SessionStore store() {
        String url = value("COATCHECK_STORE");
        if (url.isEmpty()) {
            throw Complaint.wrong("COATCHECK_STORE is not set: the application's store, as memcached://mc1:11211");
        }
        SessionStore store;
        try {
            store = SessionStore.open(url);
        } catch (IllegalArgumentException e) {
            throw Complaint.wrong("COATCHECK_STORE: " + Complaint.reason(e));
        }
        if (!store.leavesProcess()) {
            store.close();
            throw Complaint.wrong(
                    "COATCHECK_STORE: such a store is inside the application, where no command reaches it");
        }
        return store;
    }

    /** A manager as the application's on its store, as far as users and their lists are concerned. */
    SessionManager manager(SessionStore store) {
        SessionManager.Builder builder = SessionManager.builder()
                .store(store)
                .keyRing(keyRing())
                .maxBytes(Math.min(MAX_BYTES, store.maxValueBytes()))
                .sweepEvery(Duration.ZERO);
        read("COATCHECK_APPLICATION", "a name", builder::application);
        read("COATCHECK_DEVICES", "true or false", text -> builder.devices(truth(text)));
        // A list is kept as long as the longest session lives. The preset comes first: a lifetime that is set too wins.
        read(
                "COATCHECK_PRESET",
                "AAL1, AAL2 or AAL3",
                text -> builder.preset(SessionManager.Preset.valueOf(text.toUpperCase(Locale.ROOT))));
        read("COATCHECK_ABSOLUTE_LIFETIME", "as 12h", text -> builder.absoluteLifetime(duration(text)));
        read("COATCHECK_REMEMBERED", "as 14d,30d", text -> {
            String[] two = text.split("\\s*,\\s*", -1);
            if (two.length != 2) {
                throw new IllegalArgumentException("two durations");
            }
            builder.remembered(duration(two[0]), duration(two[1]));
        });
        try {
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw Complaint.wrong(Complaint.reason(e));
        }
    }

    private KeyRing keyRing() {
        String keys = value("COATCHECK_KEYS");
        if (keys.isEmpty()) {
            throw Complaint.wrong("COATCHECK_KEYS is not set: users are listed under the application's key ring");
        }
        try {
            return KeyRing.parse(keys);
        } catch (IllegalArgumentException e) {
            throw Complaint.wrong("COATCHECK_KEYS: " + Complaint.reason(e));
        }
    }

    private void read(String name, String accepted, Consumer<String> setting) {
        String text = value(name);
        try {
            if (!text.isEmpty()) {
                setting.accept(text);
            }
        } catch (IllegalArgumentException | DateTimeException e) {
            throw Complaint.wrong(name + ": accepted is " + accepted);
        }
    }

    private String value(String name) {
        return variables.getOrDefault(name, "").strip();
    }

    private static boolean truth(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("neither true nor false");
        };
    }

    /** In ISO 8601, of which {@code 20m} and {@code 30d} are the ends. */
    private static Duration duration(String text) {
        boolean isShort = text.matches("[0-9]{1,9}[smhd]");
        return Duration.parse(isShort ? (text.endsWith("d") ? "P" : "PT") + text : text);
    }
}
