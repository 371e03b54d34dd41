package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Exchanges that no browser waits for, such as those of a background task: no cookie can be given. */
class UnansweredExchangeTest {
    private static final SessionKey<String> NAME = SessionKey.of("name", String.class);

    private final SessionManager sessions = SessionManager.builder().build();
    private final Visitor visitor = new Visitor(sessions);

    @AfterEach
    void close() {
        sessions.close();
    }

    private FakeExchange unanswered() {
        return visitor.exchange().unanswered();
    }

    private void end(FakeExchange exchange) {
        sessions.commit(exchange);
        sessions.finish(exchange);
    }

    @Test
    void whatIsDoneToAnObjectIsStored() {
        visitor.visit(session -> session.untyped().set("list", new ArrayList<>(List.of("first"))));
        FakeExchange exchange = unanswered();
        @SuppressWarnings("unchecked")
        List<String> list = (List<String>) sessions.current(exchange).untyped().get("list");
        list.add("second");
        end(exchange);

        assertThat(visitor.<Object>ask(session -> session.untyped().get("list")))
                .isEqualTo(List.of("first", "second"));
    }

    @Test
    void aSessionThatOutgrowsItsLeaseGetsItsNewIdWithTheNextResponse() {
        visitor.visit(session -> session.set(NAME, "Ann"));
        String id = visitor.<String>ask(Session::id);
        FakeExchange exchange = unanswered();
        Session session = sessions.current(exchange);
        session.idleTimeout(Duration.ofHours(7));
        assertThat(session.id()).isEqualTo(id);
        end(exchange);
        FakeExchange next = visitor.visit(Session::id);

        assertThat(next.responseHeaders("Set-Cookie")).hasSize(1);
        assertThat(visitor.<String>ask(Session::id)).isNotEqualTo(id);
        assertThat(visitor.<String>ask(later -> later.get(NAME))).isEqualTo("Ann");
    }

    @Test
    void whatNeedsACookieIsRefused() {
        Session nobody = sessions.current(unanswered());
        assertThatThrownBy(() -> nobody.set(NAME, "Ann")).isInstanceOf(IllegalStateException.class);
        visitor.visit(session -> session.set(NAME, "Ann"));
        Session session = sessions.current(unanswered());
        assertThatThrownBy(() -> session.login("ann")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(session::rotate).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(session::changeId).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aLogOutEndsTheSession() {
        visitor.visit(session -> session.set(NAME, "Ann"));
        FakeExchange exchange = unanswered();
        assertThat(sessions.current(exchange).logout()).isTrue();
        end(exchange);

        assertThat(visitor.<String>ask(Session::id)).isNull();
    }
}
