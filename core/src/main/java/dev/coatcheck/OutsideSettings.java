package dev.coatcheck;

import dev.coatcheck.SessionManager.SettingSource;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/** The settings that may come as texts from outside of the code: their names, and how they are read. */
final class OutsideSettings {
    private static final String KEY_RING = "keyRing";
    private static final String STORE = "store";

    private static final Map<String, Setting> SETTINGS = new LinkedHashMap<>();

    static {
        // The preset comes first, so that a timeout which is set as well wins.
        setting(
                "preset",
                oneOf(SessionManager.Preset.values()),
                (builder, text) -> builder.preset(constant(SessionManager.Preset.class, text)));
        setting(STORE, "a store's URL, such as embedded:", SessionManager.Builder::store);
        setting(
                KEY_RING,
                "keys as 2:base64,1:base64, the active one first",
                (builder, text) -> builder.keyRing(KeyRing.parse(text)));
        setting("withoutKeyRing", "true or false", OutsideSettings::withoutKeyRing);
        setting(
                "acceptUnsignedUntil",
                "a moment such as 2026-01-31T12:00:00Z",
                (builder, text) -> builder.acceptUnsignedUntil(Instant.parse(text)));
        setting("application", "a name", SessionManager.Builder::application);
        setting("idleTimeout", Durations.ACCEPTED, (builder, text) -> builder.idleTimeout(Durations.parse(text)));
        setting(
                "absoluteLifetime",
                Durations.ACCEPTED,
                (builder, text) -> builder.absoluteLifetime(Durations.parse(text)));
        setting("remembered", "the idle timeout and the lifetime, such as 14d,30d", OutsideSettings::remembered);
        setting("cookieName", "a cookie's name", SessionManager.Builder::cookieName);
        setting("cookieDomain", "a domain", SessionManager.Builder::cookieDomain);
        setting("cookiePath", "a path", SessionManager.Builder::cookiePath);
        setting("cookieSecure", "true or false", (builder, text) -> builder.cookieSecure(truth(text)));
        setting("cookieMaxAge", Durations.ACCEPTED, (builder, text) -> builder.cookieMaxAge(Durations.parse(text)));
        setting(
                "plainHttp",
                oneOf(SessionManager.PlainHttp.values()),
                (builder, text) -> builder.plainHttp(constant(SessionManager.PlainHttp.class, text)));
        setting(
                "origins",
                "origins such as https://www.example.org, with commas between them",
                (builder, text) -> builder.origins(list(text)));
        setting(
                "onStoreFailure",
                oneOf(SessionManager.StoreFailurePolicy.values()),
                (builder, text) -> builder.onStoreFailure(constant(SessionManager.StoreFailurePolicy.class, text)));
        setting("devices", "true or false", (builder, text) -> builder.devices(truth(text)));
        setting(
                "maxSessionsPerUser",
                "a number and what happens beyond it, such as 3,END_OLDEST or 3,REFUSE",
                OutsideSettings::maxSessionsPerUser);
        setting("deviceAddress", "true or false", (builder, text) -> builder.deviceAddress(truth(text)));
        setting(
                "serializable",
                "classes as com.shop.Cart, packages as com.shop.model.*, file:/path and profile:spring-security, with commas"
                        + " between them",
                (builder, text) -> builder.serializable(SerializableTypes.parse(text)));
        setting(
                "serializableLearn",
                "a file, in a test run alone",
                (builder, text) -> builder.serializable(SerializableTypes.of().learning(Path.of(text))));
        setting("sweepEvery", Durations.ACCEPTED, (builder, text) -> builder.sweepEvery(Durations.parse(text)));
        setting("maxBytes", "a number of bytes", (builder, text) -> builder.maxBytes(Integer.parseInt(text)));
    }

    private OutsideSettings() {}

    /** How a setting is read, and what is accepted. The reader throws what the JDK's parsers throw. */
    private record Setting(String accepted, BiConsumer<SessionManager.Builder, String> reader) {}

    /** Sorted. */
    static Set<String> names() {
        return Collections.unmodifiableSet(new TreeSet<>(SETTINGS.keySet()));
    }

    /** {@code idleTimeout} is {@code COATCHECK_IDLE_TIMEOUT}; the key ring has a shorter name. */
    static String variable(String name) {
        return "COATCHECK_"
                + (name.equals(KEY_RING)
                        ? "KEYS"
                        : name.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT));
    }

    /** Gives the builder each setting's text from the first source that has one, and the faults of those that cannot be read. */
    static void take(SessionManager.Builder builder, SettingSource... sources) {
        SETTINGS.forEach((name, setting) -> {
            for (SettingSource source : sources) {
                String text = source.text(name);
                if (text != null && !text.isBlank()) {
                    take(builder, name, setting, text.strip(), source.where(name));
                    return;
                }
            }
        });
    }

    private static void take(SessionManager.Builder builder, String name, Setting setting, String text, String where) {
        String shown = shown(name, text) + " (" + where + ")";
        builder.draft.found.add(shown);
        try {
            setting.reader.accept(builder, text);
        } catch (IllegalArgumentException | DateTimeException | ArithmeticException unreadable) {
            boolean ring = name.equals(KEY_RING);
            builder.draft.keyRingUnreadable |= ring;
            String reason = ring || name.startsWith("serializable") ? unreadable.getMessage() + "; " : "";
            builder.draft.unreadable.add(shown + ": " + reason + "accepted: " + setting.accepted);
        }
    }

    /** The setting as a fault shows it. A store's URL may hold a password, a key ring is one. */
    private static String shown(String name, String text) {
        return switch (name) {
            case KEY_RING -> name;
            case STORE -> name + " = '" + text.substring(0, text.indexOf(':') + 1) + "...'";
            default -> name + " = '" + text + "'";
        };
    }

    private static void setting(String name, String accepted, BiConsumer<SessionManager.Builder, String> reader) {
        SETTINGS.put(name, new Setting(accepted, reader));
    }

    private static void withoutKeyRing(SessionManager.Builder builder, String text) {
        if (truth(text)) {
            builder.withoutKeyRing();
        }
    }

    private static boolean truth(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text);
        };
    }

    private static void remembered(SessionManager.Builder builder, String text) {
        String[] two = list(text);
        if (two.length != 2) {
            throw new IllegalArgumentException(text);
        }
        builder.remembered(Durations.parse(two[0]), Durations.parse(two[1]));
    }

    private static void maxSessionsPerUser(SessionManager.Builder builder, String text) {
        String[] two = list(text);
        if (two.length != 2) {
            throw new IllegalArgumentException(text);
        }
        builder.maxSessionsPerUser(Integer.parseInt(two[0]), constant(SessionManager.WhenFull.class, two[1]));
    }

    private static String[] list(String text) {
        return Arrays.stream(text.split(",", -1)).map(String::strip).toArray(String[]::new);
    }

    private static <E extends Enum<E>> E constant(Class<E> type, String text) {
        return Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
    }

    private static String oneOf(Enum<?>[] constants) {
        return Arrays.stream(constants).map(Enum::name).collect(Collectors.joining(", "));
    }
}
