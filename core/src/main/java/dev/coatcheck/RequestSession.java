package dev.coatcheck;

import dev.coatcheck.SessionManager.StoreFailurePolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The session of one request, as the application sees it. What is known of it is in {@link RequestState}, under a lock that
 * is never held during I/O: loading, committing and ending take {@link Turns}.
 */
final class RequestSession implements Session {
    private static final int MAX_USER_CHARS = 256;
    private static final Duration LONGEST_IDLE = Duration.ofDays(400);

    private final SessionEngine engine;
    private final SessionExchange exchange;
    private final ReentrantLock lock = new ReentrantLock();
    private final Turns turns = new Turns(lock);
    private final Untyped untyped = new ByName();
    /** Null until the first touch: a request that never asks for its session does not even read its cookies. */
    private @Nullable RequestState state;

    private boolean finished;
    private boolean blocking = true;

    RequestSession(SessionEngine engine, SessionExchange exchange) {
        this.engine = engine;
        this.exchange = exchange;
    }

    // The state

    private <R extends @Nullable Object> R holding(Function<RequestState, R> action) {
        lock.lock();
        try {
            if (finished) {
                throw new IllegalStateException("The request of this session is over");
            }
            RequestState known = state;
            if (known == null) {
                known = new RequestState(engine, exchange);
                state = known;
            }
            return action.apply(known);
        } finally {
            lock.unlock();
        }
    }

    private void hold(Consumer<RequestState> action) {
        this.<@Nullable Void>holding(known -> {
            action.accept(known);
            return null;
        });
    }

    private boolean isLoaded() {
        lock.lock();
        try {
            RequestState known = state;
            return known != null && known.isLoaded();
        } finally {
            lock.unlock();
        }
    }

    // Loading

    /** Loads the session if nothing has yet; what is found, or that the store is away, stays for the request. */
    void load() {
        if (holding(RequestState::isLoaded)) {
            return;
        }
        turns.take(() -> {
            RequestState known = holding(state -> state);
            if (!isLoaded()) {
                Loaded found = engine.load(known.scope(), known.tickets());
                hold(state -> state.loaded(found));
            }
        });
    }

    /** After this, the verbs that do I/O throw: their caller may not block. */
    void neverBlock() {
        hold(known -> blocking = false);
    }

    private void mayBlock(String verb) {
        boolean may = holding(known -> blocking);
        if (!may) {
            throw new IllegalStateException(verb
                    + " would block; this session was loaded for a caller that may not: use " + "SessionManager.async");
        }
    }

    /** Reads from a loaded session; with the store away this throws, or gives what stands for absent. */
    private <R extends @Nullable Object> R read(R absent, boolean guarded, Function<RequestState, R> reader) {
        load();
        return holding(known -> {
            SessionUnavailableException away = known.away();
            if (away == null) {
                return reader.apply(known);
            }
            if (guarded || engine.settings().onStoreFailure() == StoreFailurePolicy.FAIL) {
                // A new one for each touch, so that its trace shows who touched.
                throw new SessionUnavailableException("The session store is away", away);
            }
            return absent;
        });
    }

    /** Changes a loaded session; with the store away this throws under every policy. */
    private <R extends @Nullable Object> R change(R nothing, Function<RequestState, R> change) {
        return read(nothing, true, change);
    }

    // Attributes

    @Override
    public <T> @Nullable T get(SessionKey<T> key) {
        return this.<@Nullable T>read(null, key.isGuarded(), known -> {
            try {
                return known.copy().get(key);
            } catch (UndecodableValueException e) {
                undecodable(known, isGuarded(known, key));
                return null;
            }
        });
    }

    @Override
    public <T> Optional<T> find(SessionKey<T> key) {
        return Optional.ofNullable(get(key));
    }

    private static boolean isGuarded(RequestState known, SessionKey<?> key) {
        Attribute attribute = known.copy().view().attribute(key.name());
        return key.isGuarded() || attribute != null && (attribute.flags() & Attribute.GUARDED) != 0;
    }

    /** A plain attribute reads as absent and keeps its bytes; without a guarded one the session cannot be trusted. */
    private void undecodable(RequestState known, boolean guarded) {
        engine.protocol().counters().undecodable.increment();
        Sighting.Live live = known.live();
        if (guarded) {
            if (live != null) {
                engine.protocol()
                        .events()
                        .tell(SessionEvent.Kind.CORRUPT, live.address().id());
            }
            known.unreadable();
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
        Attribute attribute = value == null ? null : engine.settings().codec().encode(key, value);
        this.<@Nullable Void>change(null, known -> {
            if (attribute == null) {
                known.copy().put(key.name(), null);
            } else {
                toChange(known).put(key.name(), attribute);
            }
            return null;
        });
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
        return this.<@Nullable T>change(null, known -> toChange(known).update(key, function));
    }

    @Override
    public <T> @Nullable T take(SessionKey<T> key) {
        return this.<@Nullable T>change(null, known -> {
            try {
                return known.copy().take(key);
            } catch (UndecodableValueException e) {
                undecodable(known, isGuarded(known, key));
                return null;
            }
        });
    }

    @Override
    public boolean has(SessionKey<?> key) {
        return read(false, key.isGuarded(), known -> known.copy().view().attribute(key.name()) != null);
    }

    @Override
    public void remove(SessionKey<?> key) {
        this.<@Nullable Void>change(null, known -> {
            known.copy().put(key.name(), null);
            return null;
        });
    }

    @Override
    public void clear() {
        this.<@Nullable Void>change(null, known -> {
            known.copy().clear();
            return null;
        });
    }

    @Override
    public Set<String> keys() {
        return read(Set.of(), false, known -> known.copy().names());
    }

    @Override
    public Untyped untyped() {
        return untyped;
    }

    private final class ByName implements Untyped {
        @Override
        public @Nullable Object get(String name) {
            return RequestSession.this.<@Nullable Object>read(null, false, known -> {
                try {
                    return known.copy().get(name);
                } catch (UndecodableValueException e) {
                    Attribute attribute = known.copy().view().attribute(name);
                    undecodable(known, attribute != null && (attribute.flags() & Attribute.GUARDED) != 0);
                    return null;
                }
            });
        }

        @Override
        public void set(String name, @Nullable Object value) {
            RequestSession.this.<@Nullable Void>change(null, known -> {
                if (value == null) {
                    known.copy().put(name, null);
                } else {
                    toChange(known).putUntyped(name, value);
                }
                return null;
            });
        }

        @Override
        public Duration idleTimeout() {
            Protocol.Lifetimes lifetimes = engine.settings().lifetimes();
            return read(lifetimes.idle(), false, known -> {
                SessionRecord session = known.copy().view();
                Duration idle = lifetimes.idle(session);
                return idle.compareTo(lifetimes.absolute(session)) < 0 ? idle : Duration.ZERO;
            });
        }

        @Override
        public void require() {
            RequestSession.this.<@Nullable Void>change(null, known -> {
                toChange(known);
                known.require();
                return null;
            });
        }
    }

    // Flash

    @Override
    public void flash(String text) {
        flash(FlashMessage.DEFAULT_KIND, text);
    }

    @Override
    public void flash(String kind, String text) {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(text, "text");
        long id = engine.protocol().random().nextLong();
        this.<@Nullable Void>change(null, known -> {
            toChange(known).add(new Change.AddFlash(new FlashMessage(id, kind, text)));
            return null;
        });
    }

    @Override
    public List<String> takeFlash() {
        return read(List.of(), false, known -> known.copy().takeFlash(null));
    }

    @Override
    public List<String> takeFlash(String kind) {
        Objects.requireNonNull(kind, "kind");
        return read(List.of(), false, known -> known.copy().takeFlash(kind));
    }

    // CSRF

    @Override
    public String csrfToken() {
        return change("", known -> CsrfToken.mask(known.seedForForm()));
    }

    @Override
    public boolean isCsrfValid(@Nullable String token) {
        if (RequestOrigin.isSafeMethod(exchange.method())) {
            hold(known -> {});
            return true;
        }
        return change(
                false,
                known -> !(known.loaded() instanceof Loaded.Nobody)
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
        this.<@Nullable Void>change(null, known -> {
            known.needsCookie("A sign-in");
            known.login(userId);
            return null;
        });
    }

    @Override
    public void rememberMe() {
        timeouts(session -> session.asRemembered(
                engine.settings().lifetimes().rememberedIdle(),
                session.createdAt().plus(engine.settings().lifetimes().rememberedAbsolute())));
    }

    @Override
    public @Nullable String userId() {
        return this.<@Nullable String>read(
                null, false, known -> known.copy().view().userId());
    }

    @Override
    public boolean authenticatedWithin(Duration duration) {
        return read(false, true, known -> {
            SessionRecord.Login login = known.copy().view().login();
            return login != null
                    && !login.at().plus(duration).isBefore(engine.protocol().now());
        });
    }

    @Override
    public void rotate() {
        this.<@Nullable Void>change(null, known -> {
            if (known.mayRotate()) {
                known.needsCookie("A new id");
                known.copy().move(Moves.rotate(), true);
            }
            return null;
        });
    }

    @Override
    public void changeId() {
        this.<@Nullable Void>change(null, known -> {
            if (known.mayChangeId()) {
                known.needsCookie("A new id");
                known.copy().move(Moves.changeId(engine.protocol().newCsrfSeed()), true);
            }
            return null;
        });
    }

    @Override
    public @Nullable String id() {
        return this.<@Nullable String>read(null, false, RequestState::id);
    }

    @Override
    public @Nullable String requestedId() {
        return this.<@Nullable String>holding(known -> {
            List<SessionToken> brought = known.tickets().sessions();
            return brought.isEmpty()
                    ? null
                    : engine.protocol().derivation().id(brought.get(0).secret());
        });
    }

    @Override
    public boolean isNew() {
        return read(true, false, known -> known.live() == null || known.isMadeHere());
    }

    @Override
    public boolean isAvailable() {
        load();
        return holding(known -> known.away() == null);
    }

    // Times

    @Override
    public Instant createdAt() {
        return read(engine.protocol().now(), false, known -> known.copy().view().createdAt());
    }

    @Override
    public Instant lastAccessedAt() {
        return read(engine.protocol().now(), false, RequestState::lastAccessedAt);
    }

    @Override
    public Instant expiresAt() {
        return read(engine.protocol().now(), false, known -> {
            SessionRecord session = known.copy().view();
            Instant idleEnd = known.now().plus(engine.settings().lifetimes().idle(session));
            Instant deadline = engine.settings().lifetimes().deadline(session);
            return idleEnd.isBefore(deadline) ? idleEnd : deadline;
        });
    }

    @Override
    public void idleTimeout(Duration timeout) {
        Duration own = timeout.isZero() || timeout.isNegative() || timeout.compareTo(LONGEST_IDLE) > 0
                ? LONGEST_IDLE
                : timeout.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : timeout;
        timeouts(session -> session.withIdleTimeout(own));
    }

    @Override
    public void expireAt(Instant deadline) {
        timeouts(session -> {
            Instant latest =
                    session.createdAt().plus(engine.settings().lifetimes().absolute(session));
            Instant earliest = session.createdAt().plusMillis(1);
            Instant end = deadline.isAfter(latest) ? latest : deadline;
            return session.withDeadline(end.isBefore(earliest) ? earliest : end);
        });
    }

    @Override
    public void expireIn(Duration duration) {
        expireAt(engine.protocol().now().plus(duration));
    }

    private void timeouts(UnaryOperator<SessionRecord> by) {
        this.<@Nullable Void>change(null, known -> {
            known.copy().add(new Change.Timeouts(by));
            return null;
        });
    }

    // Commit and end

    @Override
    public void commit() {
        mayBlock("commit()");
        save(false);
    }

    /** The adapter's commit: an ended session is no error, what cannot be stored is forgotten, and the headers are added. */
    void commitByAdapter() {
        if (isLoaded()) {
            save(true);
            hold(known -> {
                if (!exchange.isCommitted()) {
                    known.departure().write(exchange, known.scope());
                }
            });
        }
    }

    private void save(boolean byAdapter) {
        if (isLoaded()) {
            turns.take(() -> {
                while (saveOnce(byAdapter) instanceof Plan.End) {
                    // The unreadable session is gone; what was set since is a new one.
                }
            });
        }
    }

    private @Nullable Plan saveOnce(boolean byAdapter) {
        Plan plan = this.<@Nullable Plan>holding(RequestState::plan);
        if (plan == null) {
            return null;
        }
        Committed result;
        try {
            result = engine.carryOut(plan);
        } catch (RuntimeException e) {
            if (byAdapter) {
                // The error page's own commit must not fail for the same changes again.
                hold(RequestState::discard);
            }
            throw e;
        }
        hold(known -> known.committed(plan, result));
        if (result instanceof Committed.Gone gone && gone.dropped() && !byAdapter && !isRepeatable(plan)) {
            throw new SessionConflictException("The session ended while its changes were to be stored");
        }
        return plan;
    }

    private static boolean isRepeatable(Plan plan) {
        return plan.changes().stream()
                .noneMatch(change -> change instanceof Change.Update || change instanceof Change.Take);
    }

    @Override
    public boolean logout() {
        mayBlock("logout()");
        return end();
    }

    /** Ends the session now. */
    boolean end() {
        load();
        boolean[] confirmed = {true};
        turns.take(() -> {
            RequestState known = holding(state -> state);
            Sighting.Live live = this.<Sighting.@Nullable Live>holding(RequestState::live);
            boolean away = holding(state -> state.away() != null);
            if (live != null) {
                confirmed[0] = engine.end(live.address(), live.session());
            } else if (away) {
                // What the tickets lead to cannot be asked: their own keys are ended, and the answer is "not
                // confirmed".
                known.tickets().sessions().forEach(engine::end);
                confirmed[0] = false;
            }
            hold(state -> state.loggedOut(live != null || away));
        });
        return confirmed[0];
    }

    @Override
    public void discard() {
        hold(RequestState::discard);
    }

    /** The end of the request: late changes are stored, without a cookie. */
    void finish() {
        try {
            save(true);
        } finally {
            lock.lock();
            try {
                finished = true;
            } finally {
                lock.unlock();
            }
        }
    }

    /** The public id and nothing else; loads nothing. */
    @Override
    public String toString() {
        lock.lock();
        try {
            RequestState known = state;
            if (known == null || !known.isLoaded()) {
                return "Session[not loaded]";
            }
            Sighting.Live live = known.live();
            return live == null ? "Session[none]" : "Session[" + live.address().id() + "]";
        } finally {
            lock.unlock();
        }
    }
}
