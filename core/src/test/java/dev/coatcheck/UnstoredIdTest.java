package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The id of a session that no commit has stored yet. */
class UnstoredIdTest {
    private static final SessionKey<String> NAME = SessionKey.of("name", String.class);

    private final SessionManager sessions = SessionManager.builder().build();
    private final Visitor visitor = new Visitor(sessions);

    @AfterEach
    void close() {
        sessions.close();
    }

    @Test
    void aLongerTimeoutDoesNotChangeTheId() {
        String[] id = new String[1];
        visitor.visit(session -> {
            session.set(NAME, "Ann");
            id[0] = session.id();
            session.idleTimeout(Duration.ofHours(7));
            assertThat(session.id()).isEqualTo(id[0]);
        });

        assertThat(visitor.<String>ask(Session::id)).isEqualTo(id[0]);
        assertThat(visitor.<String>ask(session -> session.get(NAME))).isEqualTo("Ann");
    }

    @Test
    void changeIdGivesAnotherOneAtOnce() {
        String[] id = new String[2];
        visitor.visit(session -> {
            session.set(NAME, "Ann");
            id[0] = session.id();
            session.changeId();
            id[1] = session.id();
        });

        assertThat(id[1]).isNotNull().isNotEqualTo(id[0]);
        assertThat(visitor.<String>ask(Session::id)).isEqualTo(id[1]);
        assertThat(visitor.<String>ask(session -> session.get(NAME))).isEqualTo("Ann");
    }

    @Test
    void changeIdMakesTheFormsBeforeItWorthless() {
        String[] token = new String[2];
        visitor.visit(session -> {
            session.set(NAME, "Ann");
            token[0] = session.csrfToken();
            session.changeId();
            token[1] = session.csrfToken();
        });

        FakeExchange post = visitor.exchange().method("POST");
        Session session = sessions.current(post);
        assertThat(session.isCsrfValid(token[0])).isFalse();
        assertThat(session.isCsrfValid(token[1])).isTrue();
    }

    @Test
    void changeIdMakesNoSession() {
        FakeExchange exchange = visitor.visit(session -> {
            session.changeId();
            assertThat(session.id()).isNull();
        });

        assertThat(exchange.responseHeaders("Set-Cookie")).isEmpty();
    }

    @Test
    void changeIdNeedsAnOpenHeader() {
        FakeExchange exchange = new FakeExchange();
        Session session = sessions.current(exchange);
        session.set(NAME, "Ann");
        exchange.committed(true);

        assertThatThrownBy(session::changeId).isInstanceOf(IllegalStateException.class);
    }
}
