package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node that is killed between any two of its store operations: the session is as before or as after, never half. */
class KilledNodeTest extends TwoNodes {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);

    @Override
    SessionStore open() {
        return new EmbeddedSessionStore(EmbeddedSessionStore.DEFAULT_MAX_BYTES, clock);
    }

    /** What a killed process leaves of a request: nothing, not even a caught exception. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** Kills its node ahead of an operation, by number, and at every later one. */
    private static final class Killing implements SessionStore {
        private final SessionStore behind;
        private int left;

        Killing(SessionStore behind, int operations) {
            this.behind = behind;
            left = operations;
        }

        private <T> T alive(Supplier<T> operation) {
            if (left-- <= 0) {
                throw new Killed();
            }
            return operation.get();
        }

        @Override
        public Optional<Stored> load(Key key, Duration lease) {
            return alive(() -> behind.load(key, lease));
        }

        @Override
        public Optional<Stored> peek(Key key, Duration lease) {
            return alive(() -> behind.peek(key, lease));
        }

        @Override
        public Written create(Key key, byte[] value, Duration lease) {
            return alive(() -> behind.create(key, value, lease));
        }

        @Override
        public Written replace(Key key, byte[] value, Version seen, Duration lease) {
            return alive(() -> behind.replace(key, value, seen, lease));
        }

        @Override
        public boolean end(Key key, Instant until) {
            return alive(() -> behind.end(key, until));
        }

        @Override
        public Outcome end(Key key, Version seen, Instant until) {
            return alive(() -> behind.end(key, seen, until));
        }

        @Override
        public boolean leavesProcess() {
            return behind.leavesProcess();
        }

        @Override
        public void close() {}
    }

    /** A signed-in browser, whose request through a node that is killed after so many operations has brought no answer. */
    private TestBrowser afterKilled(int operations, Consumer<Session> handler) {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.login("alice");
            session.set(X, 1);
        });
        TestBrowser lost = browser.copyOfJar();
        try (SessionManager dying = node().store(new Killing(store, operations)).build()) {
            assertThatThrownBy(() -> lost.through(dying).visit(handler)).isInstanceOf(Killed.class);
        }
        return browser;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aChangeIsThereOrNot(int operations) {
        TestBrowser browser = afterKilled(operations, session -> session.set(X, 2));
        browser.through(two).visit(session -> {
            assertThat(session.userId()).isEqualTo("alice");
            assertThat(session.get(X)).isEqualTo(1);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aRotationThatDoesNotEndLeavesTheOldSession(int operations) {
        TestBrowser browser = afterKilled(operations, session -> {
            session.set(X, 2);
            session.rotate();
        });
        browser.through(two).visit(session -> {
            assertThat(session.userId()).isEqualTo("alice");
            assertThat(session.get(X)).isEqualTo(1);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aSignInThatDoesNotEndLeavesTheOldSession(int operations) {
        TestBrowser browser = afterKilled(operations, session -> session.login("bob"));
        browser.through(two).visit(session -> assertThat(session.userId()).isEqualTo("alice"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aLogOutThatDoesNotEndLeavesTheSession(int operations) {
        TestBrowser browser = afterKilled(operations, Session::logout);
        browser.through(two).visit(session -> assertThat(session.userId()).isEqualTo("alice"));
    }
}
