package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.Session;
import dev.coatcheck.SessionConflictException;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Taking a value together with what else a request does; found by the model test. */
class TakeTest {
    private static final SessionKey<String> STATE =
            SessionKey.of("state", String.class).guarded();
    private static final SessionKey<String> NAME = SessionKey.of("name", String.class);

    private final SessionStore store = new EmbeddedSessionStore();
    private final SessionManager sessions =
            SessionManager.builder().store(store).build();
    private final TestBrowser browser = new TestBrowser(sessions);

    @AfterEach
    void close() {
        sessions.close();
        store.close();
    }

    @Test
    void aRequestMayTakeWhatItSetAndSetItAgain() {
        browser.visit(session -> session.set(NAME, "before"));
        browser.visit(session -> {
            session.set(NAME, "one");
            assertThat(session.take(NAME)).isEqualTo("one");
            session.set(NAME, "two");
        });
        assertThat(browser.<String>request(session -> session.get(NAME))).isEqualTo("two");
        browser.visit(session -> {
            session.set(NAME, "three");
            session.take(NAME);
            session.clear();
        });
        assertThat(browser.<Boolean>request(session -> session.has(NAME))).isFalse();
    }

    @Test
    void aGuardedOneTimeValueCanBeTakenBySigningIn() {
        browser.visit(session -> session.set(STATE, "once"));
        browser.visit(session -> {
            assertThat(session.take(STATE)).isEqualTo("once");
            session.login("alice");
        });
        browser.visit(session ->
                SessionAssert.assertThat(session).isSignedInAs("alice").hasNoAttribute(STATE));
    }

    @Test
    void ofTwoSignInsThatTakeOneValueOneGoesOn() {
        browser.visit(session -> session.set(STATE, "once"));
        HeldRequest<String> slow = browser.hold(session -> {
            session.login("alice");
            return "";
        });
        HeldRequest<String> taker = browser.hold(session -> {
            String state = session.take(STATE);
            session.login("alice");
            return state == null ? "" : state;
        });
        HeldRequest<String> other = browser.hold(session -> {
            String state = session.take(STATE);
            session.login("alice");
            return state == null ? "" : state;
        });
        assertThat(taker.release()).isEqualTo("once");
        other.releaseFailing(SessionConflictException.class);
        slow.release();
        assertThat(browser.<String>request(Session::userId)).isEqualTo("alice");
    }
}
