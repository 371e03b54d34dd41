package dev.coatcheck;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The session of one request, as the application sees it. Each verb is something done to the {@link RequestState}, by way of
 * {@link SessionAccess}, which has loaded it by then.
 */
final class RequestSession implements Session {
    private static final int MAX_USER_CHARS = 256;
    private static final Duration SHORTEST_IDLE = Duration.ofMillis(1);
    private static final Duration LONGEST_IDLE = Duration.ofDays(400);

    private final SessionEngine engine;
    private final SessionExchange exchange;
    private final SessionAccess access;
    private final Untyped untyped = new ByName();

    RequestSession(SessionEngine engine, SessionExchange exchange) {
        this.engine = engine;
        this.exchange = exchange;
        access = new SessionAccess(engine, exchange);
    }

    SessionAccess access() {
        return access;
    }

    // Attributes

    @Override
    public <T> @Nullable T get(SessionKey<T> key) {
        return this.<T>readKey(key, copy -> copy.get(key));
    }

    @Override
    public <T> Optional<T> find(SessionKey<T> key) {
        return Optional.ofNullable(get(key));
    }

    private interface Reader<T> {
        @Nullable
        T read(WorkingCopy copy) throws UndecodableValueException;
    }

    /** Reads an attribute; what is guarded throws where a plain one reads as absent. */
    private <T> @Nullable T readKey(SessionKey<?> key, Reader<T> reader) {
        return key.isGuarded()
                ? access.<@Nullable T>decide(known -> decoded(known, key.name(), true, reader))
                : access.<@Nullable T>read(null, known -> decoded(known, key.name(), false, reader));
    }

    /** A plain attribute that cannot be decoded keeps its bytes; without a guarded one the session cannot be trusted. */
    private <T> @Nullable T decoded(RequestState known, String name, boolean guarded, Reader<T> reader) {
        try {
            return reader.read(known.copy());
        } catch (UndecodableValueException e) {
            engine.protocol().counters().undecodable.increment();
            Attribute attribute = known.copy().view().attribute(name);
            if (guarded || attribute != null && attribute.isGuarded()) {
                known.unreadable();
            }
            return null;
        }
    }

    /** A guarded value that cannot be decoded must not begin anew under the old session. */
    private <T> void endIfUnreadable(RequestState known, SessionKey<T> key) {
        Attribute attribute = known.copy().view().attribute(key.name());
        if (attribute != null && (key.isGuarded() || attribute.isGuarded())) {
            this.<T>decoded(known, key.name(), true, copy -> copy.get(key));
        }
    }

    /** Where there is no session yet, one may still be made: the response's header must be open for its cookie. */
    private static WorkingCopy toChange(RequestState known) {
        if (known.live() == null) {
            known.needsCookie("The first change of a session");
        }
        return known.copy();
    }

    @Override
    public <T> void set(SessionKey<T> key, @Nullable T value) {
        if (value == null) {
            remove(key);
        } else {
            Attribute attribute = engine.settings().codec().encode(key, value);
            access.change(known -> toChange(known).put(key.name(), attribute));
        }
    }

    @Override
    public <T> T update(SessionKey<T> key, T initial, UnaryOperator<T> function) {
        Objects.requireNonNull(initial, "initial");
        T result = update(
                key,
                value -> Objects.requireNonNull(
                        function.apply(value == null ? initial : value),
                        "The update function returned null; the update without an initial value removes by that"));
        return Objects.requireNonNull(result);
    }

    @Override
    public <T> @Nullable T update(SessionKey<T> key, UnaryOperator<@Nullable T> function) {
        return access.<@Nullable T>decide(known -> {
            endIfUnreadable(known, key);
            return toChange(known).update(key, function);
        });
    }

    @Override
    public <T> @Nullable T take(SessionKey<T> key) {
        return access.<@Nullable T>decide(known -> decoded(known, key.name(), key.isGuarded(), copy -> copy.take(key)));
    }

    @Override
    public boolean has(SessionKey<?> key) {
        Boolean has = readKey(key, copy -> copy.view().attribute(key.name()) != null);
        return has != null && has;
    }

    @Override
    public void remove(SessionKey<?> key) {
        access.change(known -> known.copy().put(key.name(), null));
    }

    @Override
    public void clear() {
        access.change(known -> known.copy().clear());
    }

    @Override
    public Set<String> keys() {
        return access.read(Set.of(), known -> known.copy().names());
    }

    @Override
    public Untyped untyped() {
        return untyped;
    }

    private final class ByName implements Untyped {
        @Override
        public @Nullable Object get(String name) {
            return engine.settings().guardedNames().contains(name)
                    ? access.<@Nullable Object>decide(known -> decoded(known, name, true, copy -> copy.get(name)))
                    : access.<@Nullable Object>read(null, known -> decoded(known, name, false, copy -> copy.get(name)));
        }

        @Override
        public void set(String name, @Nullable Object value) {
            access.change(known -> {
                if (value == null) {
                    known.copy().put(name, null);
                } else {
                    toChange(known).putUntyped(name, value);
                }
            });
        }

        @Override
        public Duration idleTimeout() {
            Protocol.Lifetimes lifetimes = engine.settings().lifetimes();
            return access.read(lifetimes.idle(), known -> {
                SessionRecord session = known.copy().view();
                Duration idle = lifetimes.idle(session);
                return idle.compareTo(lifetimes.absolute(session)) < 0 ? idle : Duration.ZERO;
            });
        }

        @Override
        public void require() {
            access.change(known -> {
                toChange(known);
                known.require();
            });
        }
    }

    // Flash messages

    @Override
    public void flash(String text) {
        flash(FlashMessage.DEFAULT_KIND, text);
    }

    @Override
    public void flash(String kind, String text) {
        FlashMessage message = new FlashMessage(
                engine.protocol().random().nextLong(),
                Objects.requireNonNull(kind, "kind"),
                Objects.requireNonNull(text, "text"));
        access.change(known -> toChange(known).add(new Change.AddFlash(message)));
    }

    @Override
    public List<String> takeFlash() {
        return access.read(List.of(), known -> known.copy().takeFlash(null));
    }

    @Override
    public List<String> takeFlash(String kind) {
        Objects.requireNonNull(kind, "kind");
        return access.read(List.of(), known -> known.copy().takeFlash(kind));
    }

    // Forms

    @Override
    public String csrfToken() {
        return access.decide(known -> CsrfToken.mask(known.seedForForm()));
    }

    @Override
    public boolean isCsrfValid(@Nullable String token) {
        if (RequestOrigin.isSafeMethod(exchange.method())) {
            access.hold(known -> {}); // after the request this throws, as everything does
            return true;
        }
        return access.decide(known -> !(known.loaded() instanceof Loaded.Nobody)
                && engine.settings().origins().isOwnSite(exchange)
                && CsrfToken.matches(known.copy().view().csrfSeed(), token));
    }

    // Users and ids

    @Override
    public void login(String userId) {
        if (userId.isEmpty() || userId.length() > MAX_USER_CHARS) {
            throw new IllegalArgumentException(
                    "A user id has 1 to " + MAX_USER_CHARS + " characters, not " + userId.length());
        }
        if (AttributeNames.hasLoneSurrogate(userId)) {
            // In the record two such ids could become one.
            throw new IllegalArgumentException("A user id is valid UTF-16, this one has half a surrogate pair");
        }
        DeviceHint device = engine.settings().hints().of(exchange);
        access.change(known -> {
            known.needsCookie("A sign-in");
            known.login(userId, device);
        });
    }

    /** Who is signed in here and on which device; with a sign-in that waits for its commit, that one and the one before. */
    DeviceVerbs.Here here() {
        return access.decide(known -> {
            SessionRecord.Login login = known.copy().view().login();
            if (login == null) {
                throw new IllegalStateException("Nobody is signed in with this session");
            }
            Sighting.Live live = known.live();
            SessionRecord.Login stored = live == null ? null : live.session().login();
            return new DeviceVerbs.Here(
                    login.userId(),
                    stored == null ? Set.of(login.device()) : new HashSet<>(List.of(login.device(), stored.device())));
        });
    }

    boolean isOf(SessionEngine other) {
        return engine == other;
    }

    @Override
    public void rememberMe() {
        Protocol.Lifetimes lifetimes = engine.settings().lifetimes();
        timeouts(session -> session.asRemembered(
                lifetimes.rememberedIdle(), session.createdAt().plus(lifetimes.rememberedAbsolute())));
    }

    @Override
    public @Nullable String userId() {
        return access.<@Nullable String>read(null, known -> known.copy().view().userId());
    }

    @Override
    public boolean authenticatedWithin(Duration duration) {
        return access.decide(known -> {
            SessionRecord.Login login = known.copy().view().login();
            return login != null
                    && !duration.isNegative()
                    && Duration.between(login.at(), engine.protocol().now()).compareTo(duration) <= 0;
        });
    }

    @Override
    public void rotate() {
        access.change(known -> {
            if (known.mayRotate()) {
                known.needsCookie("A new id");
                known.copy().move(Moves.rotate(), true);
            }
        });
    }

    @Override
    public void changeId() {
        access.change(known -> {
            if (known.mayChangeId()) {
                known.needsCookie("A new id");
                known.copy().move(Moves.changeId(engine.protocol().newCsrfSeed()), true);
            } else {
                known.changeIdOfUnstored(engine.protocol().newCsrfSeed());
            }
        });
    }

    @Override
    public @Nullable String id() {
        return access.<@Nullable String>read(null, RequestState::id);
    }

    @Override
    public @Nullable String requestedId() {
        return access.<@Nullable String>holding(RequestState::requestedId);
    }

    @Override
    public boolean isNew() {
        return access.read(true, known -> known.live() == null || known.isMadeHere());
    }

    @Override
    public boolean isAvailable() {
        access.load();
        return access.holding(known -> known.away() == null);
    }

    // Times

    @Override
    public Instant createdAt() {
        return access.read(now(), known -> known.copy().view().createdAt());
    }

    @Override
    public Instant lastAccessedAt() {
        return access.read(now(), RequestState::lastAccessedAt);
    }

    @Override
    public Instant expiresAt() {
        return access.read(now(), RequestState::expiresAt);
    }

    private Instant now() {
        return engine.protocol().now();
    }

    @Override
    public void idleTimeout(Duration timeout) {
        boolean none = timeout.isZero() || timeout.isNegative() || timeout.compareTo(LONGEST_IDLE) > 0;
        Duration shortest = timeout.compareTo(SHORTEST_IDLE) < 0 ? SHORTEST_IDLE : timeout;
        Duration own = none ? LONGEST_IDLE : shortest;
        timeouts(session -> session.withIdleTimeout(own));
    }

    @Override
    public void expireAt(Instant deadline) {
        timeouts(session -> {
            // A moment after the creation is as soon as a record can end.
            Instant earliest = session.createdAt().plusMillis(1);
            Instant latest =
                    session.createdAt().plus(engine.settings().lifetimes().absolute(session));
            Instant end = deadline.isAfter(latest) ? latest : deadline;
            return session.withDeadline(end.isBefore(earliest) ? earliest : end);
        });
    }

    @Override
    public void expireIn(Duration duration) {
        boolean longest = duration.compareTo(engine.settings().longestLifetime()) > 0;
        boolean past = duration.isNegative();
        expireAt(longest ? Instant.MAX : past ? Instant.MIN : now().plus(duration));
    }

    private void timeouts(UnaryOperator<SessionRecord> by) {
        access.change(known -> known.copy().add(new Change.Timeouts(by)));
    }

    // Commit and end

    @Override
    public void commit() {
        access.mayBlock("commit()");
        access.save(false);
    }

    @Override
    public boolean logout() {
        access.mayBlock("logout()");
        return access.end();
    }

    @Override
    public void discard() {
        access.hold(RequestState::discard);
    }

    /** The public id and nothing else; loads nothing. */
    @Override
    public String toString() {
        return access.toString();
    }
}
