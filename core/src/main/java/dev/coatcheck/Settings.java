package dev.coatcheck;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The settings of one manager, checked. */
final class Settings {
    private Settings() {}

    /** A class that may be stored by name alone. */
    record Alias(String name, Class<?> type) {}

    static Settings check(Draft draft) {
        return new Settings();
    }

    SessionManager open() {
        throw new IllegalStateException("not yet");
    }

    /** What the builder gathers. */
    static final class Draft {
        @Nullable
        SessionStore store;

        @Nullable
        String storeUrl;

        @Nullable
        KeyRing keyRing;

        boolean withoutKeyRing;

        @Nullable
        Instant acceptUnsignedUntil;

        String application = "coatcheck";
        Duration idleTimeout = Duration.ofMinutes(20);
        Duration absoluteLifetime = Duration.ofHours(12);
        Duration rememberedIdle = Duration.ofDays(14);
        Duration rememberedLifetime = Duration.ofDays(30);
        String cookieName = "SID";

        @Nullable
        String cookieDomain;

        String cookiePath = "/";
        SessionManager.PlainHttp plainHttp = SessionManager.PlainHttp.LOCALHOST;
        List<String> origins = List.of();
        SessionManager.StoreFailurePolicy onStoreFailure = SessionManager.StoreFailurePolicy.FAIL;
        final List<Alias> types = new ArrayList<>();
        final List<SessionKey<?>> keys = new ArrayList<>();
        final List<SessionListener> listeners = new ArrayList<>();
        Clock clock = Clock.systemUTC();
        int maxBytes = 262_144;
    }
}
