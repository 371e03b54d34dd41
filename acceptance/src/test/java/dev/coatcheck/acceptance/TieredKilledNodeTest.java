package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.coatcheck.DurableSessionStore;
import dev.coatcheck.Session;
import dev.coatcheck.SessionCache;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.TieredSessionStore;
import dev.coatcheck.test.TestBrowser;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A node that is killed between any two of its calls to either tier: nothing acknowledged is lost, nothing ended comes back. */
class TieredKilledNodeTest extends TieredNodes {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);
    private static final Set<String> CALLS =
            Set.of("load", "loadFresh", "peek", "create", "replace", "end", "claim", "see", "bury", "renew");

    /** What a killed process leaves of a request: nothing, not even a caught exception. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    private static <T> T dying(Class<T> type, Object behind, AtomicInteger left) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, values) -> {
                    if (CALLS.contains(method.getName()) && left.getAndDecrement() <= 0) {
                        throw new Killed();
                    }
                    return invoke(behind, method, values);
                }));
    }

    private static Object invoke(Object behind, Method method, Object[] values) throws Throwable {
        if (method.getName().equals("close")) {
            return null;
        }
        try {
            return method.invoke(behind, values);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /**
     * Runs a request through a node that dies after 0, 1, 2 calls and so on, until one lives to its end.
     *
     * @return after how many calls
     */
    private int forEveryDeath(Consumer<Session> handler, Consumer<TestBrowser> check) {
        for (int calls = 0; ; calls++) {
            TestBrowser browser = browser();
            browser.visit(session -> {
                session.login("alice");
                session.set(X, 1);
            });
            TestBrowser lost = browser.copyOfJar();
            boolean lived;
            try (SessionStore cache = memcached.direct();
                    SessionStore durable = database.open("coatcheck.timeout=5s")) {
                AtomicInteger left = new AtomicInteger(calls);
                SessionStore dying = new TieredSessionStore(
                        dying(SessionCache.class, cache, left), dying(DurableSessionStore.class, durable, left));
                try (SessionManager node = node().store(dying).build()) {
                    Throwable thrown = catchThrowable(() -> lost.through(node).visit(handler));
                    lived = thrown == null;
                    assertThat(thrown).isIn(null, thrown instanceof Killed ? thrown : null);
                }
            }
            for (boolean flushed : new boolean[] {false, true}) {
                if (flushed) {
                    memcached.server.flush();
                }
                check.accept(lived ? lost.through(two) : browser.through(two));
            }
            if (lived) {
                return calls;
            }
        }
    }

    @Test
    void aChangeIsThereOrNotAndTheNextOneWorks() {
        int calls = forEveryDeath(session -> session.set(X, 2), browser -> {
            browser.visit(session -> {
                assertThat(session.userId()).isEqualTo("alice");
                assertThat(session.get(X)).isIn(1, 2, 3, 4);
                session.update(X, 0, n -> n + 1);
            });
            int now = browser.<Integer>request(session -> session.get(X));
            memcached.server.flush();
            assertThat(browser.<Integer>request(session -> session.get(X))).isEqualTo(now);
        });
        assertThat(calls).isGreaterThanOrEqualTo(3);
    }

    @Test
    void aRotationThatDoesNotEndLeavesTheOldSession() {
        int calls = forEveryDeath(
                session -> {
                    session.set(X, 2);
                    session.rotate();
                },
                browser -> browser.visit(session -> {
                    assertThat(session.userId()).isEqualTo("alice");
                    assertThat(session.get(X)).isIn(1, 2);
                }));
        assertThat(calls).isGreaterThanOrEqualTo(5);
    }

    @Test
    void aLogOutThatDoesNotEndCanBeDoneAgainAndIsFinal() {
        int calls = forEveryDeath(Session::logout, browser -> {
            TestBrowser thief = browser.copyOfJar();
            browser.visit(Session::logout);
            assertThat(thief.through(one).<String>request(Session::userId)).isNull();
            assertThat(thief.through(two).<String>request(Session::userId)).isNull();
            memcached.server.flush();
            clock.advance(Duration.ofSeconds(6)); // what is known to be absent is asked for again
            assertThat(thief.through(two).<String>request(Session::userId)).isNull();
        });
        assertThat(calls).isGreaterThanOrEqualTo(3);
    }
}
