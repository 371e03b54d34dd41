package dev.coatcheck;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Hands out sessions: reads the ticket from the cookie, fetches the coat, and puts both back. An adapter calls
 * {@link #current} at will, {@link #commit} before the response's first byte and {@link #finish} at the end of the request.
 *
 * <p>Safe for use by many threads. Make one for the life of the application.
 */
public interface SessionManager extends AutoCloseable {

    /** Starts with defaults that are right for one process: the embedded store, 20 minutes idle, 12 hours in all. */
    static Builder builder() {
        return new Builder();
    }

    /**
     * Starts with what is set outside of the code: each setting as system property ({@code coatcheck.idleTimeout}) or else in
     * the environment ({@code COATCHECK_IDLE_TIMEOUT}; the key ring is {@code COATCHECK_KEYS}). For the rest as
     * {@link #builder()}.
     */
    static Builder configured() {
        return builder().settings(SettingSource.properties(), SettingSource.environment(System::getenv));
    }

    /** The session of this exchange, always the same one. No I/O. */
    Session current(SessionExchange exchange);

    /**
     * Stores the changes of the exchange's session and adds its cookie and headers. To be called before the first byte of
     * the response; may be repeated. Nothing is done for a session that was not touched.
     *
     * @throws SessionConflictException when the changes could not be merged; a session that ended meanwhile is no error
     *     here: its changes are dropped and counted
     * @throws SessionLimitException when a sign-in would be one too many
     * @throws SessionUnavailableException when they are not stored for certain, or it cannot be told
     */
    void commit(SessionExchange exchange);

    /**
     * Ends the exchange's session for this request: stores changes that were made after {@link #commit}, for which no
     * cookie can be sent any more. After it the {@link Session} throws {@link IllegalStateException}; a second call does
     * nothing.
     */
    void finish(SessionExchange exchange);

    /** The same verbs for adapters that may not block; the work is done on the executor. */
    Async async(Executor executor);

    /**
     * A user's live sessions, the newest sign-in first; empty for a user who has none. What is no longer there is left out,
     * and listing renews nothing. One round trip, and one for each session.
     *
     * @throws SessionUnavailableException when the store cannot say
     * @throws IllegalStateException when users are not indexed; the message names the setting
     */
    List<Device> devices(String userId);

    /**
     * The sessions of the user who is signed in with this one, which is marked as the current. A sign-in that is not committed
     * yet is not listed. Otherwise as {@link #devices(String)}.
     *
     * @throws IllegalStateException when nobody is signed in
     * @throws IllegalArgumentException when the session is none of this manager's
     */
    List<Device> devices(Session session);

    /**
     * Ends one session of a user, by its handle: {@link Device#id()}. A handle of another user's ends nothing. May be
     * repeated. Four round trips as a rule.
     *
     * @throws SessionUnavailableException when the store cannot say which sessions there are; nothing is ended
     * @throws IllegalStateException when users are not indexed; the message names the setting
     */
    SignedOut signOut(String userId, String deviceId);

    /**
     * Ends all sessions of the user who is signed in with this one, but for this one: after a change of password, say. Two
     * round trips, and two for each session. May be repeated.
     *
     * @throws SessionUnavailableException when the store cannot say which sessions there are; nothing is ended
     * @throws IllegalStateException when users are not indexed, or nobody is signed in
     * @throws IllegalArgumentException when the session is none of this manager's
     */
    SignedOut signOutOthers(Session session);

    /**
     * Ends all sessions of a user. Whoever signs in afterwards is not affected. No request that is under way brings a session
     * back. Otherwise as {@link #signOutOthers}.
     *
     * @throws SessionUnavailableException when the store cannot say which sessions there are; nothing is ended
     * @throws IllegalStateException when users are not indexed; the message names the setting
     */
    SignedOut signOutEverywhere(String userId);

    /**
     * How the store is: for a page that a load balancer asks, or metrics. Never throws; a store that is away is
     * {@link StoreHealth.State#DOWN}. Within the store's timeout. May be called at will: the store is asked once a second at
     * most.
     */
    StoreHealth health();

    /**
     * Ends what has expired, in a store that does not do so by itself, and tells the listeners. Managers do so now and then
     * ({@link Builder#sweepEvery}); this is for a scheduled request, where {@linkplain SessionStore#needsRequestThread() they may
     * not}. As many round trips as {@link SessionStore#sweep} says.
     *
     * @param limit how many at most, 1 or more
     * @return how many this very call has ended; 0 where there is nothing to do
     * @throws SessionUnavailableException when the store cannot be reached
     */
    int sweep(int limit);

    /** What was counted so far. */
    SessionStats stats();

    /** Closes the store if it was this manager that opened it. */
    @Override
    void close();

    /**
     * What came of signing a user out.
     *
     * @param ended how many sessions were there and are not any more
     * @param complete whether none can be left: every end is confirmed (others are refused by this process and tried again),
     *     and the user's index tells of all sessions that can still live. Where the store may lose what it holds, an index
     *     that is younger than the longest lifetime of a session proves nothing of sessions from before it
     */
    record SignedOut(int ended, boolean complete) {}

    /** What happens to a sign-in beyond {@link Builder#maxSessionsPerUser}. */
    enum WhenFull {
        /** It is refused: the commit throws {@link SessionLimitException}. */
        REFUSE,
        /** The user's oldest session ends. */
        END_OLDEST
    }

    /** Loads, commits and ends sessions without blocking the caller. The stages fail with what the blocking verbs throw. */
    interface Async {

        /** The exchange's session, loaded: its getters do not block from then on, and never throw for a store away later. */
        CompletionStage<Session> load(SessionExchange exchange);

        /** As {@link SessionManager#commit}. */
        CompletionStage<Void> commit(SessionExchange exchange);

        /** As {@link SessionManager#finish}. */
        CompletionStage<Void> finish(SessionExchange exchange);

        /** As {@link Session#logout}. */
        CompletionStage<Boolean> logout(SessionExchange exchange);
    }

    /** What a request sees when the store is away. Under both, a cookie is neither cleared nor replaced. */
    enum StoreFailurePolicy {
        /** The first touch throws {@link SessionUnavailableException}. */
        FAIL,
        /**
         * Plain keys and the user read as absent; guarded keys, {@code update}, {@code take}, {@code set}, {@code login},
         * {@code csrfToken} and {@code isCsrfValid} throw {@link SessionUnavailableException}.
         */
        DEGRADE
    }

    /** What a request without TLS gets. */
    enum PlainHttp {
        /** A session on this machine alone: peer, host name and origin are loopback and no proxy is seen. The default. */
        LOCALHOST,
        /** No session, ever. */
        NEVER,
        /** TLS ends in front of this process: every connection is taken for HTTPS. Forwarded headers are still not read. */
        TLS_ENDS_AT_PROXY
    }

    /** Timeouts for NIST SP 800-63B-4's three levels of assurance. */
    enum Preset {
        /** 30 days, idle or not. */
        AAL1(Duration.ofDays(30), Duration.ofDays(30)),
        /** 24 hours, 1 hour idle. */
        AAL2(Duration.ofHours(24), Duration.ofHours(1)),
        /** 12 hours, 15 minutes idle. */
        AAL3(Duration.ofHours(12), Duration.ofMinutes(15));

        private final Duration absoluteLifetime;
        private final Duration idleTimeout;

        Preset(Duration absoluteLifetime, Duration idleTimeout) {
            this.absoluteLifetime = absoluteLifetime;
            this.idleTimeout = idleTimeout;
        }

        /** The longest that a session of this preset lives. */
        public Duration absoluteLifetime() {
            return absoluteLifetime;
        }

        /** The longest that it may go unused. */
        public Duration idleTimeout() {
            return idleTimeout;
        }
    }

    /** A place outside of the code where settings are looked for. They carry the names of the {@link Builder}'s methods. */
    interface SettingSource {

        /** The text of a setting; null or blank when it is not set here. */
        @Nullable
        String text(String name);

        /** What a message calls the place of a setting: {@code environment COATCHECK_STORE}. */
        String where(String name);

        /** The names of all settings that may come from outside, sorted. */
        static Set<String> names() {
            return OutsideSettings.names();
        }

        /** The system's properties: {@code coatcheck.idleTimeout}. */
        static SettingSource properties() {
            return of("system property", name -> "coatcheck." + name, System::getProperty);
        }

        /** The environment, where {@code idleTimeout} is {@code COATCHECK_IDLE_TIMEOUT} and the key ring {@code COATCHECK_KEYS}. */
        static SettingSource environment(Function<String, @Nullable String> variables) {
            return of("environment", OutsideSettings::variable, variables);
        }

        /**
         * A place that calls settings by other names.
         *
         * @param what what it is, for messages
         * @param key a setting's name there
         * @param values the text under such a name; null when there is none
         */
        static SettingSource of(String what, UnaryOperator<String> key, Function<String, @Nullable String> values) {
            return new SettingSource() {
                @Override
                public @Nullable String text(String name) {
                    return values.apply(key.apply(name));
                }

                @Override
                public String where(String name) {
                    return what + " " + key.apply(name);
                }
            };
        }
    }

    /**
     * Gathers settings. Nothing is checked before {@link #build()}, which reports all faults at once. Not for use by more
     * than one thread.
     */
    final class Builder {
        final Settings.Draft draft = new Settings.Draft();

        private Builder() {}

        /**
         * Takes every setting that one of these sources has; the first one counts. Durations are written {@code PT20M} or
         * {@code 20m}, with {@code s}, {@code m}, {@code h} or {@code d}; {@code remembered} takes two of them and
         * {@code origins} any number, with commas between them. What cannot be read is reported by {@link #build()}, with its
         * place; a key and the rest of a store's URL are never shown.
         */
        public Builder settings(SettingSource... sources) {
            OutsideSettings.take(this, sources);
            return this;
        }

        /** Where sessions are kept. Default: an embedded store of 64 MB of this manager's own, closed with it. */
        public Builder store(SessionStore store) {
            draft.store = store;
            return this;
        }

        /** As {@link #store(SessionStore)}, opened by URL at {@link #build()} and closed with the manager. */
        public Builder store(String url) {
            draft.storeUrl = url;
            return this;
        }

        /** The keys that sign tokens and seal records. Required by a store that leaves the process. */
        public Builder keyRing(KeyRing ring) {
            draft.keyRing = ring;
            return this;
        }

        /**
         * Goes without keys on a store that leaves the process: <strong>whoever can write to the store can sign in as
         * anybody.</strong> Logs a warning at every start.
         */
        public Builder withoutKeyRing() {
            draft.withoutKeyRing = true;
            return this;
        }

        /** Until this moment tokens from before the key ring are taken too. Default: never. */
        public Builder acceptUnsignedUntil(Instant moment) {
            draft.acceptUnsignedUntil = moment;
            return this;
        }

        /** Keeps this application's sessions apart from others' on the same store and host: 1 to 64 characters of
         * {@code A-Z a-z 0-9 . _ -}. Default {@code coatcheck}. */
        public Builder application(String name) {
            draft.application = name;
            return this;
        }

        /** Sets both timeouts to a preset's. */
        public Builder preset(Preset preset) {
            return absoluteLifetime(preset.absoluteLifetime()).idleTimeout(preset.idleTimeout());
        }

        /** How long a session may go unused. Default 20 minutes; zero or less: as long as the absolute lifetime. */
        public Builder idleTimeout(Duration timeout) {
            draft.idleTimeout = timeout;
            return this;
        }

        /** How long a session lives at most, used or not: 1 second to 400 days. Default 12 hours. */
        public Builder absoluteLifetime(Duration lifetime) {
            draft.absoluteLifetime = lifetime;
            return this;
        }

        /** The same two for sessions that were asked to be remembered. Default 14 days idle, 30 days in all. */
        public Builder remembered(Duration idle, Duration lifetime) {
            draft.rememberedIdle = idle;
            draft.rememberedLifetime = lifetime;
            return this;
        }

        /** The cookie's name without the prefix that the connection gives it ({@code __Host-}, {@code __Secure-}). Default
         * {@code SID}. */
        public Builder cookieName(String name) {
            draft.cookieName = name;
            return this;
        }

        /** Sends the cookie to all subdomains too, which are thereby trusted. Default: to this host alone. */
        public Builder cookieDomain(String domain) {
            draft.cookieDomain = domain;
            return this;
        }

        /** Sends the cookie below this path alone. Default {@code /}. */
        public Builder cookiePath(String path) {
            draft.cookiePath = path;
            return this;
        }

        /** Sends the cookie with {@code Secure} on this machine's plain HTTP too; over HTTPS it always has it. Default: no. */
        public Builder cookieSecure(boolean secure) {
            draft.cookieSecure = secure;
            return this;
        }

        /**
         * Keeps the cookie in the browser beyond its window, for this long and no longer than the absolute lifetime; counted
         * from when the id was given. Zero or less, the default: until the browser's end. Remembered sessions are not affected.
         */
        public Builder cookieMaxAge(Duration age) {
            draft.cookieMaxAge = age;
            return this;
        }

        /** What a request without TLS gets. Default {@link PlainHttp#LOCALHOST}. */
        public Builder plainHttp(PlainHttp policy) {
            draft.plainHttp = policy;
            return this;
        }

        /** Further origins whose forms are taken, as {@code https://www.example.org}. Default: none but this site's own. */
        public Builder origins(String... origins) {
            draft.origins = List.of(origins);
            return this;
        }

        /** What a request sees when the store is away. Default {@link StoreFailurePolicy#FAIL}. */
        public Builder onStoreFailure(StoreFailurePolicy policy) {
            draft.onStoreFailure = policy;
            return this;
        }

        /**
         * Lets values of a class be stored by name alone, as {@code HttpSession} does.
         *
         * @param alias what the record says instead of the class name: 2 to 64 characters of {@code A-Z a-z 0-9 . _ -}
         */
        public Builder type(String alias, Class<?> type) {
            draft.types.add(new Settings.Alias(alias, type));
            return this;
        }

        /** Lets values of these keys be read by name alone, as {@code HttpSession} does. */
        public Builder keys(SessionKey<?>... keys) {
            draft.keys.addAll(List.of(keys));
            return this;
        }

        /**
         * Lets objects of these classes be stored by name alone in the JDK's serialized form, where they have no alias. Default:
         * none. Called more than once, all of them are allowed.
         */
        public Builder serializable(SerializableTypes types) {
            SerializableTypes before = draft.serializable;
            draft.serializable = before == null ? types : before.and(types);
            return this;
        }

        /** Is told of events; may be called more than once. */
        public Builder listener(SessionListener listener) {
            draft.listeners.add(listener);
            return this;
        }

        /**
         * Whether users are indexed, for {@link SessionManager#devices} and the signing out of devices. It costs two round trips
         * more at sign-in, log-out and rotation of a signed-in session. Default true; without a key ring on a store that
         * leaves the process there is no index.
         */
        public Builder devices(boolean indexed) {
            draft.devices = indexed;
            return this;
        }

        /**
         * How many sessions a user may have at once, 1 to 1,000, and what happens beyond. Default: 1,000, of which the oldest
         * end. Sessions that have expired do not count.
         */
        public Builder maxSessionsPerUser(int sessions, WhenFull whenFull) {
            draft.maxSessionsPerUser = sessions;
            draft.whenFull = whenFull;
            return this;
        }

        /**
         * What a user's device is called, made of the {@code User-Agent} header at sign-in: {@link Device#label()}. The
         * function may return null, and what it throws is logged and makes no label. Default: the one that a
         * {@link DeviceLabels} on the class path brings, and else none.
         */
        public Builder deviceLabel(Function<String, @Nullable String> label) {
            draft.deviceLabel = label;
            return this;
        }

        /**
         * Whether the address that a user signed in from is kept for {@link Device#address()}. It is the address that the
         * server sees, which behind a proxy is the proxy's unless the server knows better. Default false.
         */
        public Builder deviceAddress(boolean kept) {
            draft.deviceAddress = kept;
            return this;
        }

        /** The time. Default: the system's, in UTC. */
        public Builder clock(Clock clock) {
            draft.clock = clock;
            return this;
        }

        /** How large a session may be as stored, in bytes: 1,024 to 1,000,000. Default 262,144. */
        public Builder maxBytes(int bytes) {
            draft.maxBytes = bytes;
            return this;
        }

        /**
         * How often this process ends what has expired, in a store that does not do so by itself, as a database: 1 second to
         * 400 days, a quarter more or less each time. Default 1 minute; zero or less: never, for who runs
         * {@code bin/coatcheck sweep}.
         */
        public Builder sweepEvery(Duration interval) {
            draft.sweepEvery = interval;
            return this;
        }

        /**
         * Checks every setting and makes the manager.
         *
         * @throws IllegalArgumentException when any setting is wrong; the message has a line for each, with its name, its
         *     value and what is accepted
         */
        public SessionManager build() {
            return Settings.check(draft).open();
        }
    }
}
