package dev.coatcheck.test;

import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/**
 * Assertions on a session, inside a request. A failure shows the session: its id, user, deadlines and the names of its
 * attributes; the cookie is never shown.
 *
 * <pre>{@code
 * browser.visit(session -> assertThat(session).isSignedInAs("alice").hasAttribute(CART, cart));
 * }</pre>
 *
 * <p>Not for use by more than one thread.
 */
public final class SessionAssert extends AbstractAssert<SessionAssert, Session> {

    private SessionAssert(Session session) {
        super(session, SessionAssert.class);
    }

    /** Starts an assertion. */
    public static SessionAssert assertThat(Session session) {
        return new SessionAssert(session);
    }

    /** The attribute is there and equals the value. */
    public <T> SessionAssert hasAttribute(SessionKey<T> key, T value) {
        T found = actual.get(key);
        return check(Objects.equals(found, value), "the value <" + value + "> under a key, but it is <" + found + ">");
    }

    /** The attribute is there, with whatever value. */
    public SessionAssert hasAttribute(SessionKey<?> key) {
        return check(actual.has(key), "an attribute that is absent");
    }

    /** The attribute is not there. */
    public SessionAssert hasNoAttribute(SessionKey<?> key) {
        return check(!actual.has(key), "no attribute under a key, but it is there");
    }

    /** These are the names of all attributes, in any order. */
    public SessionAssert hasKeys(String... names) {
        Set<String> expected = new TreeSet<>(Set.of(names));
        return check(actual.keys().equals(expected), "the attributes " + expected);
    }

    /** This user is signed in. */
    public SessionAssert isSignedInAs(String userId) {
        return check(userId.equals(actual.userId()), "the user <" + userId + ">");
    }

    /** Nobody is signed in. */
    public SessionAssert isAnonymous() {
        return check(actual.userId() == null, "no user");
    }

    /** There is a session, stored or to be stored at commit. */
    public SessionAssert exists() {
        return check(actual.id() != null, "a session");
    }

    /** There is no session, and none to be stored so far. */
    public SessionAssert doesNotExist() {
        return check(actual.id() == null, "no session");
    }

    /** It is made by this request, or there is none. */
    public SessionAssert isNew() {
        return check(actual.isNew(), "a new session");
    }

    /** It was there before this request. */
    public SessionAssert isNotNew() {
        return check(!actual.isNew(), "a session from before this request");
    }

    /** Unused from now on, it ends at this moment. */
    public SessionAssert expiresAt(Instant moment) {
        return check(actual.expiresAt().equals(moment), "a session that ends at " + moment);
    }

    private SessionAssert check(boolean holds, String expected) {
        isNotNull();
        if (!holds) {
            failWithMessage("Expected %s.%nThe session: %s", expected, describe(actual));
        }
        return this;
    }

    private static String describe(Session session) {
        String id = session.id();
        if (id == null) {
            return "none";
        }
        return "id " + id
                + (session.isNew() ? ", new" : "")
                + ", user " + orNobody(session.userId())
                + ", created " + session.createdAt()
                + ", ends " + session.expiresAt()
                + ", attributes " + session.keys();
    }

    private static String orNobody(@Nullable String userId) {
        return userId == null ? "nobody" : "<" + userId + ">";
    }
}
