package dev.coatcheck;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a browser left with us, for one request. Nothing is loaded before something is read, and nothing is stored before
 * {@link #commit()}, which the adapter calls ahead of the response's first byte: there is no save call to forget.
 *
 * <p>Reading costs one round trip, once a request, and renews the session's lease. Changing costs a second one at commit.
 * What two requests change at the same time is merged attribute by attribute; of one attribute the later commit wins,
 * except that {@link #update} runs again on what is there by then. Only the first read, {@link #logout()} and
 * {@link #commit()} do I/O.
 *
 * <p>Where the store is away, the first read throws {@link SessionUnavailableException} and so does every later one of the
 * same request ({@link SessionManager.StoreFailurePolicy} has the other way). A visitor without a session reads nothing
 * from the store, and an empty session is never stored.
 *
 * <p>Used by the threads of one request; every call is atomic. After the request, every call throws
 * {@link IllegalStateException}.
 */
public interface Session {

    /**
     * The value under a key; null when absent.
     *
     * <p>A mutable value that is changed in place is stored at commit. A value that cannot be decoded reads as absent and
     * its bytes are kept; that of a {@linkplain SessionKey#guarded() guarded} key ends the session.
     *
     * @throws SessionAttributeException when it is stored as another type
     * @throws SessionUnavailableException when the store cannot say
     */
    <T> @Nullable T get(SessionKey<T> key);

    /** As {@link #get}, with an empty result for absent: {@code orElse} gives the default. */
    <T> Optional<T> find(SessionKey<T> key);

    /**
     * Keeps a value under a key; null removes it. The value is encoded at once, so a later change of the object that was
     * passed is not seen.
     *
     * @throws SessionAttributeException when the value cannot be stored, by key and type
     * @throws IllegalStateException when there is no session yet and the response's header is out already
     */
    <T> void set(SessionKey<T> key, @Nullable T value);

    /**
     * Changes a value so that no concurrent change is lost: the function runs now, and again at commit on what another
     * request stored meanwhile. It must be pure and may not touch the session. What is returned is final only after
     * {@link #commit()}.
     *
     * @param initial what the function gets when the value is absent
     * @return what the function returned, which is now the value
     */
    <T> T update(SessionKey<T> key, T initial, UnaryOperator<T> function);

    /** As the other {@code update}, where the function gets null for absent, and removes the value by returning null. */
    <T> @Nullable T update(SessionKey<T> key, UnaryOperator<@Nullable T> function);

    /**
     * Gets and removes a value. Of two requests that take the same value one commits, and the other's commit fails with
     * {@link SessionConflictException}: so commit before the value has an effect outside of the session.
     */
    <T> @Nullable T take(SessionKey<T> key);

    /** Whether a value is stored under the key's name, decodable or not. */
    boolean has(SessionKey<?> key);

    /** Removes a value; nothing happens when it is absent. */
    void remove(SessionKey<?> key);

    /** Removes every attribute and flash message. The id, the user and the deadlines stay. */
    void clear();

    /** The names of all attributes, typed and untyped, sorted; a copy. */
    Set<String> keys();

    /** Attributes by name without a type, for {@code HttpSession} and its like. The data is the same. */
    Untyped untyped();

    /** Leaves a message for a later page, of the kind {@code info}. It stays until it is taken. */
    void flash(String text);

    /** Leaves a message of a kind of the application's choice. */
    void flash(String kind, String text);

    /** Takes every message, oldest first. Two concurrent requests may both get one: messages arrive at least once. */
    List<String> takeFlash();

    /** Takes the messages of one kind, oldest first. */
    List<String> takeFlash(String kind);

    /**
     * The text for a form's hidden field: 48 characters, another text each time. A visitor without a session gets a blank
     * ticket as cookie, which no store knows of; no session is made.
     *
     * @throws IllegalStateException when a blank ticket would be needed and the response's header is out already
     */
    String csrfToken();

    /**
     * Whether this request was sent by a page of this site: true for {@code GET}, {@code HEAD}, {@code OPTIONS} and
     * {@code TRACE}; else {@code Sec-Fetch-Site} and {@code Origin}, where sent, must fit (RFC 6454, Fetch Metadata) and
     * the text must be one that {@link #csrfToken()} gave since the last sign-in or sign-out.
     *
     * @param token what the form or header brought; null is never valid
     * @throws SessionUnavailableException when the store cannot say; never true instead
     */
    boolean isCsrfValid(@Nullable String token);

    /**
     * Signs a user in: at commit the session gets a new id, a new CSRF seed and this authentication time. The old id never
     * leads to the new session. Attributes of an anonymous session move along, except guarded ones that this request did
     * not set; those of another user do not.
     *
     * <p>The session is listed among the user's {@linkplain SessionManager#devices(Session) devices} before it is stored. The commit
     * throws {@link SessionLimitException} when the user has as many as may be, and {@link SessionConflictException} when the
     * user is signed out everywhere at the same moment.
     *
     * @param userId 1 to 256 characters
     * @throws SessionUnavailableException when the store is away
     * @throws IllegalStateException when the response's header is out already
     */
    void login(String userId);

    /** Gives the session the longer pair of timeouts and a cookie that outlives the browser window. */
    void rememberMe();

    /**
     * Ends the session now, in the store too: no request that is under way brings it back. Uncommitted changes are gone;
     * what is set afterwards makes a new session. Without a session nothing happens.
     *
     * @return true when the store confirmed (also when there was nothing to end); false when it is away: the cookie is
     *     cleared all the same, this process refuses the id from now on, and the end is tried again behind the answer
     */
    boolean logout();

    /** Who is signed in; null for nobody. */
    @Nullable
    String userId();

    /** Whether the user signed in at most this long ago; false for nobody. */
    boolean authenticatedWithin(Duration duration);

    /**
     * Gives the session a new id at commit, for the same user and privilege. Requests on their way with the old id are
     * served by the new session for 15 seconds. Nothing happens without a session.
     *
     * @throws IllegalStateException when the response's header is out already
     */
    void rotate();

    /**
     * Gives the session a new id at commit and a new CSRF seed; the old id is worthless at once. A session that is not stored
     * yet gets another id too. Else as {@link #rotate}.
     */
    void changeId();

    /**
     * The session's public id: 20 characters, good for logs and no part of a store key. It is no secret: never derive a key
     * from it. Null while there is no session. Of a new session or id it is known before commit; should the store's answer
     * to that commit be lost, the session gets another one.
     */
    @Nullable
    String id();

    /** The public id of the ticket that the request brought, live or not; null when it brought none of ours. No I/O. */
    @Nullable
    String requestedId();

    /** Whether the session is made by this request, or there is none. */
    boolean isNew();

    /** Whether the store answered: loads, and never throws for a store that is away. What it says stays for the request. */
    boolean isAvailable();

    /** When the session was made; now for a new one. */
    Instant createdAt();

    /** When the session was last loaded before this request; now for a new one. */
    Instant lastAccessedAt();

    /** When the session ends if nobody uses it from now on: the idle timeout from now, or the absolute deadline before it. */
    Instant expiresAt();

    /** This session's own idle timeout from now on; zero or less means that only the absolute lifetime ends it. */
    void idleTimeout(Duration timeout);

    /** This session's own absolute deadline; a later one than the absolute lifetime allows is cut to that. */
    void expireAt(Instant deadline);

    /** As {@link #expireAt}, counted from now. */
    void expireIn(Duration duration);

    /**
     * Stores what was changed, now. May be repeated; without changes nothing is sent. The cookie goes out with the adapter's
     * own commit, ahead of the response's first byte. After a failure the changes are still pending, so that it may be tried
     * again; but where an {@code update}, {@code take} or flash message may be stored already, all of them are forgotten.
     *
     * @throws SessionConflictException when the changes could not be merged, or the session is gone while an {@code update}
     *     or {@code take} was pending, or the user was signed out from outside during a sign-in
     * @throws SessionLimitException when a sign-in would be one too many; all changes are forgotten
     * @throws SessionUnavailableException when they are not stored for certain, or it cannot be told
     */
    void commit();

    /** Forgets what this request changed and has not committed. A log-out stays. */
    void discard();

    /** Attributes by name: values that the record can hold by itself, of registered aliases, and of listed serializable classes. */
    interface Untyped {

        /**
         * The value under a name; null when absent.
         *
         * @throws SessionAttributeException when it was stored under a typed key that this manager does not know
         */
        @Nullable
        Object get(String name);

        /**
         * Keeps a value under a name; null removes it. What is done to the object until the commit is stored too.
         *
         * @throws SessionAttributeException when the value's class is neither a scalar, {@code java.time}, UUID,
         *     {@code byte[]}, a list, set or map of these, nor registered with {@link SessionManager.Builder#type}, nor
         *     allowed by {@link SessionManager.Builder#serializable}
         */
        void set(String name, @Nullable Object value);

        /** How long the session may go unused; zero when only the absolute lifetime ends it. */
        Duration idleTimeout();

        /** Makes the session at commit even when nothing is set in it, as {@code HttpServletRequest.getSession(true)} does. */
        void require();
    }
}
