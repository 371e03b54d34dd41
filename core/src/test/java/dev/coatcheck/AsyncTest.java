package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The verbs for callers that may not block. */
class AsyncTest {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);

    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final SessionManager sessions = SessionManager.builder().build();
    private final SessionManager.Async async = sessions.async(executor);

    @AfterEach
    void stop() {
        executor.shutdownNow();
        sessions.close();
    }

    @Test
    void aLoadedSessionIsCommittedByStagesAndItsOwnBlockingVerbsRefuse() throws Exception {
        FakeExchange exchange = new FakeExchange();
        Session session = async.load(exchange).toCompletableFuture().get();
        session.set(X, 1);
        assertThat(session.get(X)).isEqualTo(1);
        assertThatThrownBy(session::commit)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("async");
        assertThatThrownBy(session::logout).isInstanceOf(IllegalStateException.class);
        long loads = sessions.stats().loads();
        async.commit(exchange).toCompletableFuture().get();
        assertThat(sessions.stats().created()).isEqualTo(1);
        assertThat(sessions.stats().loads()).isEqualTo(loads);
        assertThat(async.logout(exchange).toCompletableFuture().get()).isTrue();
        assertThat(sessions.stats().loggedOut()).isEqualTo(1);
        async.finish(exchange).toCompletableFuture().get();
        assertThatThrownBy(() -> session.get(X)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatFailsComesOutOfTheStage() throws Exception {
        FakeExchange exchange = new FakeExchange();
        Session session = async.load(exchange).toCompletableFuture().get();
        session.set(X, 1);
        sessions.close();
        assertThatThrownBy(() -> async.commit(exchange).toCompletableFuture().get())
                .hasCauseInstanceOf(SessionUnavailableException.class);
    }

    @Test
    void aStoreThatIsAwayIsSaidByTheGettersAndNotByTheStageAndAsksOnce() throws Exception {
        MovableClock clock = new MovableClock();
        HookedStore store = new HookedStore(clock);
        try (SessionManager two =
                SessionManager.builder().store(store).clock(clock).build()) {
            Visitor visitor = new Visitor(two);
            visitor.visit(session -> session.set(X, 1));
            store.away = true;
            FakeExchange exchange = visitor.exchange();
            Session session =
                    two.async(executor).load(exchange).toCompletableFuture().get();
            int calls = store.calls;
            store.away = false;
            assertThat(session.isAvailable()).isFalse();
            assertThatThrownBy(() -> session.get(X)).isInstanceOf(SessionUnavailableException.class);
            assertThatThrownBy(() -> session.set(X, 2)).isInstanceOf(SessionUnavailableException.class);
            assertThat(store.calls).isEqualTo(calls);
            two.async(executor).finish(exchange).toCompletableFuture().get();
        }
    }
}
