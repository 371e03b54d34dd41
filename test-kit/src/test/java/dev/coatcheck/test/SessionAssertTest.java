package dev.coatcheck.test;

import static dev.coatcheck.test.SessionAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SessionAssertTest {
    private static final SessionKey<String> NAME = SessionKey.of("name", String.class);
    private static final SessionKey<Integer> HITS = SessionKey.of("hits", Integer.class);

    private final FakeClock clock = new FakeClock();
    private final EmbeddedSessionStore store = new EmbeddedSessionStore(EmbeddedSessionStore.DEFAULT_MAX_BYTES, clock);
    private final SessionManager sessions =
            SessionManager.builder().store(store).clock(clock).build();

    @AfterEach
    void close() {
        sessions.close();
        store.close();
    }

    @Test
    void whatHoldsPasses() {
        TestBrowser browser = new TestBrowser(sessions, clock);
        browser.visit(session ->
                assertThat(session).doesNotExist().isAnonymous().isNew().hasNoAttribute(NAME));
        browser.visit(session -> {
            session.login("alice");
            session.set(NAME, "Alice");
        });
        browser.visit(session -> assertThat(session)
                .exists()
                .isNotNew()
                .isSignedInAs("alice")
                .hasAttribute(NAME)
                .hasAttribute(NAME, "Alice")
                .hasKeys("name")
                .hasNoAttribute(HITS)
                .expiresAt(clock.instant().plus(Duration.ofMinutes(20))));
    }

    @Test
    void aFailureShowsTheSessionAndNotItsCookie() {
        TestBrowser browser = TestBrowser.withSession(sessions, session -> {
            session.login("alice");
            session.set(NAME, "Alice");
        });
        List<Consumer<Session>> failing = List.of(
                session -> assertThat(session).hasAttribute(NAME, "Bob"),
                session -> assertThat(session).hasAttribute(HITS),
                session -> assertThat(session).hasNoAttribute(NAME),
                session -> assertThat(session).hasKeys("name", "hits"),
                session -> assertThat(session).isSignedInAs("bob"),
                session -> assertThat(session).isAnonymous(),
                session -> assertThat(session).doesNotExist(),
                session -> assertThat(session).isNew(),
                session -> assertThat(session).expiresAt(FakeClock.START));
        SecretSearch search = new SecretSearch().add("the cookie", String.valueOf(browser.cookie("__Host-SID")));
        for (Consumer<Session> assertion : failing) {
            assertThatThrownBy(() -> browser.visit(assertion))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContainingAll("id ", "user <alice>", "created 2026-", "attributes [name]")
                    .satisfies(thrown -> search.assertAbsent("the failure", String.valueOf(thrown.getMessage())));
        }
    }

    @Test
    void aFailureWithoutASessionSaysSo() {
        TestBrowser visitor = new TestBrowser(sessions);
        assertThatThrownBy(() -> visitor.visit(session -> assertThat(session).exists()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("The session: none");
        assertThatThrownBy(() -> visitor.visit(session -> assertThat(session).isNotNew()))
                .isInstanceOf(AssertionError.class);
    }
}
