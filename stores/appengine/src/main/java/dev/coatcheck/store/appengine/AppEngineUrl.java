package dev.coatcheck.store.appengine;

import com.google.appengine.api.NamespaceManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.TieredSessionStore;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a store's URL says: {@code appengine:[memcache|datastore][?option=value[&option=value...]]}. */
final class AppEngineUrl {
    static final String SCHEME = "appengine";

    private static final Pattern FORM = Pattern.compile("(?i:appengine):([^?]*)(?:\\?(.*))?", Pattern.DOTALL);
    private static final Pattern TIME = Pattern.compile("([0-9]{1,6})(ms|s)");
    private static final Pattern KIND = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,99}");
    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final int SHOWN = 64;

    /** What is to be opened. */
    private enum Place {
        BOTH,
        MEMCACHE,
        DATASTORE
    }

    private final Place place;
    private String namespace = "";
    private String kind = DatastoreSessionStore.DEFAULT_KIND;
    private Duration memcacheTimeout = AppEngineSessionStore.DEFAULT_TIMEOUT;
    private Duration datastoreTimeout = DatastoreSessionStore.DEFAULT_TIMEOUT;

    private AppEngineUrl(Place place) {
        this.place = place;
    }

    /** @throws IllegalArgumentException when something in it is wrong; the message names it and says what is accepted */
    static AppEngineUrl parse(String url) {
        Matcher matcher = FORM.matcher(url);
        if (!matcher.matches()) {
            throw noPlace("");
        }
        AppEngineUrl parsed = new AppEngineUrl(
                switch (matcher.group(1)) {
                    case "" -> Place.BOTH;
                    case "memcache" -> Place.MEMCACHE;
                    case "datastore" -> Place.DATASTORE;
                    default -> throw noPlace(matcher.group(1));
                });
        if (matcher.group(2) != null) {
            parsed.options(matcher.group(2));
        }
        return parsed;
    }

    private static IllegalArgumentException noPlace(String name) {
        return new IllegalArgumentException("appengine:" + shown(name)
                + ": accepted are appengine: for memcache in front of Datastore, appengine:memcache and appengine:datastore,"
                + " each with ?option=value if wanted");
    }

    private TreeSet<String> accepted() {
        return new TreeSet<>(
                switch (place) {
                    case BOTH -> List.of("datastoreTimeout", "kind", "namespace", "timeout");
                    case MEMCACHE -> List.of("namespace", "timeout");
                    case DATASTORE -> List.of("kind", "namespace", "timeout");
                });
    }

    private void options(String query) {
        TreeSet<String> accepted = accepted();
        TreeSet<String> seen = new TreeSet<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            if (equals < 0 || !accepted.contains(name)) {
                throw new IllegalArgumentException(
                        "option '" + shown(name) + "': accepted are, each with =value, " + String.join(", ", accepted));
            }
            if (!seen.add(name)) {
                throw new IllegalArgumentException("option '" + name + "': it is there twice");
            }
            option(name, pair.substring(equals + 1));
        }
    }

    private void option(String name, String value) {
        switch (name) {
            case "namespace" -> namespace = checkedNamespace(value);
            case "kind" -> kind = checkedKind(value);
            case "timeout" -> {
                Duration timeout = time(name, value);
                if (place == Place.DATASTORE) {
                    datastoreTimeout = timeout;
                } else {
                    memcacheTimeout = timeout;
                }
            }
            case "datastoreTimeout" -> datastoreTimeout = time(name, value);
            default -> throw new IllegalStateException(name);
        }
    }

    private static Duration time(String name, String value) {
        Matcher matcher = TIME.matcher(value);
        if (!matcher.matches()) {
            throw wrong(name, value, "milliseconds or seconds, as 250ms or 1s");
        }
        long number = Long.parseLong(matcher.group(1));
        return checkedTimeout(
                name, matcher.group(2).equals("s") ? Duration.ofSeconds(number) : Duration.ofMillis(number));
    }

    static Duration checkedTimeout(String name, Duration timeout) {
        if (timeout.compareTo(SHORTEST) < 0 || timeout.compareTo(LONGEST) > 0) {
            throw wrong(name, timeout.toString(), "10 ms to 60 s");
        }
        return timeout;
    }

    static String checkedNamespace(String namespace) {
        try {
            NamespaceManager.validateNamespace(namespace);
            return namespace;
        } catch (IllegalArgumentException e) {
            throw wrong("namespace", namespace, "up to 100 letters, digits and characters of ._-");
        }
    }

    static String checkedKind(String kind) {
        if (!KIND.matcher(kind).matches()) {
            throw wrong("kind", kind, "a letter, then up to 99 letters, digits and _");
        }
        return kind;
    }

    private static IllegalArgumentException wrong(String option, String value, String accepted) {
        return new IllegalArgumentException(option + " = " + shown(value) + ": " + accepted);
    }

    /** What somebody wrote, so that it breaks no line of a log. */
    private static String shown(String text) {
        String visible = text.replaceAll("[^ -~]", "?");
        return visible.length() <= SHOWN ? visible : visible.substring(0, SHOWN) + "...";
    }

    Duration memcacheTimeout() {
        return memcacheTimeout;
    }

    Duration datastoreTimeout() {
        return datastoreTimeout;
    }

    /** Calls nothing yet: the thread that starts an application need not be one that App Engine serves. */
    SessionStore open(Clock clock) {
        return switch (place) {
            case BOTH -> new TieredSessionStore(memcache(clock), datastore(clock));
            case MEMCACHE -> memcache(clock);
            case DATASTORE -> datastore(clock);
        };
    }

    private AppEngineSessionStore memcache(Clock clock) {
        return new AppEngineSessionStore(memcacheTimeout, namespace, clock);
    }

    private DatastoreSessionStore datastore(Clock clock) {
        return new DatastoreSessionStore(datastoreTimeout, namespace, kind, clock);
    }
}
