package dev.coatcheck.servlet;

import dev.coatcheck.KeyRing;
import dev.coatcheck.SerializableTypes;
import dev.coatcheck.SessionManager;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The settings of one filter: where they are looked for, how they are read, and every fault at once. */
final class FilterSettings {
    private static final String KEY_RING = "keyRing";
    private static final String PRESET = "preset";
    private static final String STORE = "store";

    private static final Map<String, Setting> SETTINGS = new LinkedHashMap<>();

    static {
        // The preset comes first, so that a timeout which is set as well wins.
        setting(
                PRESET,
                oneOf(SessionManager.Preset.values()),
                (builder, text) -> builder.preset(constant(SessionManager.Preset.class, text)));
        setting(STORE, "a store's URL, such as embedded:", SessionManager.Builder::store);
        setting(
                KEY_RING,
                "keys as 2:base64,1:base64, the active one first",
                (builder, text) -> builder.keyRing(KeyRing.parse(text)));
        setting("withoutKeyRing", "true or false", FilterSettings::withoutKeyRing);
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
        setting("remembered", "the idle timeout and the lifetime, such as 14d,30d", FilterSettings::remembered);
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
                FilterSettings::maxSessionsPerUser);
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

    private final FilterConfig config;
    private final UnaryOperator<@Nullable String> environment;

    FilterSettings(FilterConfig config, UnaryOperator<@Nullable String> environment) {
        this.config = config;
        this.environment = environment;
    }

    /** How a setting is read, and what is accepted. The reader throws what the JDK's parsers throw. */
    private record Setting(String accepted, BiConsumer<SessionManager.Builder, String> reader) {}

    /** A setting's text and where it was found. */
    private record Found(String name, Setting setting, String text, String where) {
        /** The setting as a fault shows it. A store's URL may hold a password, a key ring is one. */
        @Override
        public String toString() {
            String shown = switch (name) {
                case KEY_RING -> "";
                case STORE -> " = '" + text.substring(0, text.indexOf(':') + 1) + "...'";
                default -> " = '" + text + "'";
            };
            return name + shown + " (" + where + ")";
        }
    }

    /**
     * Builds a manager.
     *
     * @throws ServletException with every fault
     */
    SessionManager open() throws ServletException {
        List<String> faults = new ArrayList<>(unknown());
        SessionManager.Builder builder = SessionManager.builder().store("embedded:");
        List<Found> all = found();
        boolean ringIsBad = false;
        for (Found found : all) {
            try {
                found.setting.reader.accept(builder, found.text);
            } catch (IllegalArgumentException | DateTimeException | ArithmeticException unreadable) {
                ringIsBad |= found.name.equals(KEY_RING);
                boolean says = found.name.equals(KEY_RING) || found.name.startsWith("serializable");
                String reason = says ? unreadable.getMessage() + "; " : "";
                faults.add(found + ": " + reason + "accepted: " + found.setting.accepted);
            }
        }
        if (ringIsBad) {
            // Its absence is no fault of its own.
            builder.store("embedded:");
        }
        SessionManager manager = null;
        try {
            manager = builder.build();
        } catch (IllegalArgumentException refused) {
            faults.add(refused.getMessage());
            if (!all.isEmpty()) {
                faults.add("Settings were found here: "
                        + all.stream().map(Found::toString).collect(Collectors.joining(", ")));
            }
        }
        if (manager != null && faults.isEmpty()) {
            return manager;
        }
        if (manager != null) {
            manager.close();
        }
        throw failure(faults);
    }

    /** @throws ServletException when the filter has an init parameter that is no setting */
    void refuseUnknown() throws ServletException {
        List<String> faults = unknown();
        if (!faults.isEmpty()) {
            throw failure(faults);
        }
    }

    private ServletException failure(List<String> faults) {
        return new ServletException("The filter '" + config.getFilterName() + "' (" + SessionFilter.class.getName()
                + ") cannot start:\n  " + String.join("\n  ", faults));
    }

    private List<String> unknown() {
        return Collections.list(config.getInitParameterNames()).stream()
                .filter(name -> !SETTINGS.containsKey(name))
                .sorted()
                .map(name -> name + " (filter parameter): unknown; known are "
                        + SETTINGS.keySet().stream().sorted().collect(Collectors.joining(", ")))
                .toList();
    }

    private List<Found> found() {
        List<Found> all = new ArrayList<>();
        Map<String, String> defaults = ContextDefaults.of(config.getServletContext());
        for (Map.Entry<String, Setting> each : SETTINGS.entrySet()) {
            String name = each.getKey();
            Setting setting = each.getValue();
            String property = "coatcheck." + name;
            String variable = variable(name);
            Stream.of(
                            new Found(
                                    name, setting, orBlank(config.getInitParameter(name)), "filter parameter " + name),
                            new Found(
                                    name,
                                    setting,
                                    orBlank(System.getProperty(property)),
                                    "system property " + property),
                            new Found(name, setting, orBlank(environment.apply(variable)), "environment " + variable),
                            new Found(
                                    name,
                                    setting,
                                    orBlank(defaults.get(name)),
                                    "the application's SessionCookieConfig, session-timeout or context path"))
                    .filter(found -> !found.text.isEmpty())
                    .findFirst()
                    .ifPresent(all::add);
        }
        if (all.stream().anyMatch(found -> found.name.equals(PRESET))) {
            // It sets the idle timeout as well, and was asked for.
            all.removeIf(found -> found.name.equals("idleTimeout") && found.where.startsWith("the application"));
        }
        return all;
    }

    private static String orBlank(@Nullable String text) {
        return text == null ? "" : text.strip();
    }

    /** {@code idleTimeout} is {@code COATCHECK_IDLE_TIMEOUT}; the key ring has a shorter name. */
    private static String variable(String name) {
        return "COATCHECK_"
                + (name.equals(KEY_RING)
                        ? "KEYS"
                        : name.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT));
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
