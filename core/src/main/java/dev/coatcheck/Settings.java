package dev.coatcheck;

import dev.coatcheck.Protocol.Lifetimes;
import dev.coatcheck.SessionManager.PlainHttp;
import dev.coatcheck.SessionManager.StoreFailurePolicy;
import dev.coatcheck.SessionManager.WhenFull;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The settings of one manager, checked. */
record Settings(
        SessionStore store,
        boolean ownsStore,
        String application,
        @Nullable KeyRing keyRing,
        @Nullable Instant acceptUnsignedUntil,
        Lifetimes lifetimes,
        SessionCookie cookie,
        ConnectionPolicy connections,
        RequestOrigin origins,
        StoreFailurePolicy onStoreFailure,
        ValueCodec codec,
        Set<String> guardedNames,
        List<SessionListener> listeners,
        Clock clock,
        int maxBytes,
        Duration sweepEvery,
        IndexPolicy indexPolicy,
        DeviceHints hints) {
    private static final Logger LOG = LoggerFactory.getLogger(SessionManager.class);
    private static final Pattern APPLICATION = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofDays(400);
    private static final int MIN_BYTES = 1_024;
    private static final int MAX_BYTES = 1_000_000;

    /** A class that may be stored by name alone. */
    record Alias(String name, Class<?> type) {}

    Duration longestLifetime() {
        return longest(lifetimes);
    }

    /** Hides what may be secret. */
    @Override
    public String toString() {
        return "Settings[" + application + "]";
    }

    /**
     * Checks all settings and opens the store.
     *
     * @throws IllegalArgumentException with a line for each fault
     */
    static Settings check(Draft draft) {
        List<String> faults = new ArrayList<>(draft.unreadable);
        if (!APPLICATION.matcher(draft.application).matches()) {
            faults.add(
                    "application = " + SafeText.quote(draft.application) + ": 1 to 64 characters of A-Z a-z 0-9 . _ -");
        }
        lifetime(faults, "absoluteLifetime", draft.absoluteLifetime);
        lifetime(faults, "remembered lifetime", draft.rememberedLifetime);
        idle(faults, "idleTimeout", draft.idleTimeout);
        idle(faults, "remembered idle", draft.rememberedIdle);
        if (draft.maxBytes < MIN_BYTES || draft.maxBytes > MAX_BYTES) {
            faults.add("maxBytes = " + draft.maxBytes + ": " + MIN_BYTES + " to " + MAX_BYTES);
        }
        boolean never = draft.sweepEvery.isZero() || draft.sweepEvery.isNegative();
        if (!never && (draft.sweepEvery.compareTo(SHORTEST) < 0 || draft.sweepEvery.compareTo(LONGEST) > 0)) {
            faults.add("sweepEvery = " + draft.sweepEvery + ": 1 second to 400 days, or zero for never");
        }
        faults.addAll(SessionCookie.faults(draft.cookieName, draft.cookieDomain, draft.cookiePath));
        faults.addAll(RequestOrigin.faults(draft.origins));
        faults.addAll(ValueCodec.faults(draft.types, draft.keys));
        if (draft.keyRing != null && draft.withoutKeyRing) {
            faults.add("withoutKeyRing: a keyRing is set too; leave one of them out");
        }
        if (draft.acceptUnsignedUntil != null && draft.keyRing == null) {
            faults.add("acceptUnsignedUntil = " + draft.acceptUnsignedUntil + ": needs a keyRing to move to");
        }
        SessionStore store = openStore(draft, faults);
        boolean withoutRing = draft.keyRing == null && !draft.keyRingUnreadable && !draft.withoutKeyRing;
        if (store != null && store.leavesProcess() && withoutRing) {
            faults.add(
                    "keyRing: this store leaves the process, so whoever can write to it could sign in as anybody. Give all"
                            + " servers the same ring, as COATCHECK_KEYS or by keyRing(KeyRing.parse(...)). A fresh one: "
                            + KeyRing.generate());
        }
        if (draft.maxSessionsPerUser != 0) {
            limit(faults, draft, store);
        }
        if (store != null && store.maxValueBytes() < draft.maxBytes) {
            faults.add("maxBytes = " + draft.maxBytes + ": the store takes values of up to " + store.maxValueBytes()
                    + " bytes; allow it more (maxValueBytes) or sessions less");
        }
        if (!faults.isEmpty()) {
            if (store != null && draft.store == null) {
                store.close();
            }
            if (!draft.found.isEmpty()) {
                faults.add("Settings were found here: " + String.join(", ", draft.found));
            }
            throw new IllegalArgumentException(
                    "Wrong settings of the session manager:\n- " + String.join("\n- ", faults));
        }
        return settings(draft, Objects.requireNonNull(store, "opened without a fault"));
    }

    private static void limit(List<String> faults, Draft draft, @Nullable SessionStore store) {
        if (draft.maxSessionsPerUser < 1 || draft.maxSessionsPerUser > DeviceIndex.MAX_ENTRIES) {
            faults.add("maxSessionsPerUser = " + draft.maxSessionsPerUser + ": 1 to " + DeviceIndex.MAX_ENTRIES);
        }
        String missing = store == null ? null : withoutIndex(draft, store);
        if (missing != null) {
            faults.add("maxSessionsPerUser = " + draft.maxSessionsPerUser + ": needs an index of users: " + missing);
        }
    }

    /** Why users are not indexed; null where they are. */
    private static @Nullable String withoutIndex(Draft draft, SessionStore store) {
        if (!draft.devices) {
            return "devices is false";
        }
        return store.leavesProcess() && draft.keyRing == null
                ? "without a keyRing nothing can be indexed in a store that leaves the process"
                : null;
    }

    private static void lifetime(List<String> faults, String name, Duration value) {
        if (value.compareTo(SHORTEST) < 0 || value.compareTo(LONGEST) > 0) {
            faults.add(name + " = " + value + ": 1 second to 400 days");
        }
    }

    private static void idle(List<String> faults, String name, Duration value) {
        boolean none = value.isZero() || value.isNegative();
        if (!none && value.compareTo(SHORTEST) < 0 || value.compareTo(LONGEST) > 0) {
            faults.add(name + " = " + value + ": 1 second to 400 days, or zero for the absolute lifetime");
        }
    }

    private static @Nullable SessionStore openStore(Draft draft, List<String> faults) {
        SessionStore given = draft.store;
        if (given != null) {
            if (draft.storeUrl != null) {
                faults.add("store: given both as an object and by URL; leave one of them out");
            }
            return given;
        }
        try {
            return draft.storeUrl == null ? embedded(draft.clock) : SessionStore.open(draft.storeUrl);
        } catch (IllegalArgumentException e) {
            faults.add("store: " + e.getMessage());
            return null;
        }
    }

    /** Leases run by elapsed time, except where a test has a clock of its own. */
    private static SessionStore embedded(Clock clock) {
        return clock.equals(Clock.systemUTC())
                ? new EmbeddedSessionStore()
                : new EmbeddedSessionStore(EmbeddedSessionStore.DEFAULT_MAX_BYTES, clock);
    }

    private static Settings settings(Draft draft, SessionStore store) {
        Lifetimes lifetimes = new Lifetimes(
                orLifetime(draft.idleTimeout, draft.absoluteLifetime),
                draft.absoluteLifetime,
                orLifetime(draft.rememberedIdle, draft.rememberedLifetime),
                draft.rememberedLifetime);
        ConnectionPolicy connections = new ConnectionPolicy(draft.plainHttp);
        return new Settings(
                store,
                draft.store == null,
                draft.application,
                draft.keyRing,
                draft.acceptUnsignedUntil,
                lifetimes,
                new SessionCookie(
                        draft.cookieName,
                        draft.cookieDomain,
                        draft.cookiePath,
                        new SessionCookie.Sending(
                                draft.cookieSecure, cookieMaxAge(draft.cookieMaxAge, lifetimes), draft.clock)),
                connections,
                new RequestOrigin(connections, draft.origins),
                draft.onStoreFailure,
                new ValueCodec(draft.types, draft.keys, draft.maxBytes, draft.serializable),
                draft.keys.stream()
                        .filter(SessionKey::isGuarded)
                        .map(SessionKey::name)
                        .collect(Collectors.toUnmodifiableSet()),
                List.copyOf(draft.listeners),
                draft.clock,
                draft.maxBytes,
                draft.sweepEvery,
                new IndexPolicy(
                        withoutIndex(draft, store),
                        draft.maxSessionsPerUser,
                        draft.whenFull,
                        longest(lifetimes),
                        Math.min(store.maxValueBytes(), MAX_BYTES)),
                new DeviceHints(draft.deviceLabel, draft.deviceAddress));
    }

    private static Duration longest(Lifetimes lifetimes) {
        return lifetimes.absolute().compareTo(lifetimes.rememberedAbsolute()) > 0
                ? lifetimes.absolute()
                : lifetimes.rememberedAbsolute();
    }

    private static @Nullable Duration cookieMaxAge(Duration age, Lifetimes lifetimes) {
        if (age.isZero() || age.isNegative()) {
            return null;
        }
        return age.compareTo(lifetimes.absolute()) < 0 ? age : lifetimes.absolute();
    }

    private static Duration orLifetime(Duration idle, Duration lifetime) {
        return idle.isZero() || idle.isNegative() || idle.compareTo(lifetime) > 0 ? lifetime : idle;
    }

    /** A manager with these settings. */
    SessionManager open() {
        if (store.leavesProcess() && keyRing == null) {
            LOG.warn(
                    "Sessions leave this process without a key ring: whoever can write to the store can sign in as anybody");
        }
        SecureRandom random = new SecureRandom();
        Derivation derivation = new Derivation(application, keyRing);
        Counters counters = new Counters();
        Events events = new Events(listeners, clock);
        store.report((kind, key) -> events.tell(kind, null));
        Protocol protocol = new Protocol(
                lifetimes,
                clock,
                random,
                new Tokens(derivation, random, acceptUnsignedUntil, clock),
                derivation,
                new StoredValues(new RecordSeal(derivation), maxBytes, clock),
                counters,
                events);
        Chores chores = Chores.behind(store.needsRequestThread(), "coatcheck");
        return new StoreSessionManager(new SessionEngine(this, protocol, chores));
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
        boolean cookieSecure;
        Duration cookieMaxAge = Duration.ZERO;
        PlainHttp plainHttp = PlainHttp.LOCALHOST;
        List<String> origins = List.of();
        StoreFailurePolicy onStoreFailure = StoreFailurePolicy.FAIL;
        final List<Alias> types = new ArrayList<>();
        final List<SessionKey<?>> keys = new ArrayList<>();
        final List<SessionListener> listeners = new ArrayList<>();

        @Nullable
        SerializableTypes serializable;

        boolean devices = true;
        int maxSessionsPerUser;
        WhenFull whenFull = WhenFull.END_OLDEST;

        @Nullable
        Function<String, @Nullable String> deviceLabel;

        boolean deviceAddress;
        Clock clock = Clock.systemUTC();
        int maxBytes = 262_144;
        Duration sweepEvery = Duration.ofMinutes(1);

        /** Settings from outside of the code, as a message may show them. */
        final List<String> found = new ArrayList<>();

        /** Faults of those that could not be read. */
        final List<String> unreadable = new ArrayList<>();

        /** There is a ring that cannot be read, so its absence is no fault of its own. */
        boolean keyRingUnreadable;
    }
}
