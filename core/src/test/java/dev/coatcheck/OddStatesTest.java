package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.HookedStore.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Verbs at moments at which nobody should call them, and failures at every one. */
class OddStatesTest {
    private static final SessionKey<Integer> HITS = SessionKey.of("hits", Integer.class);
    private static final SessionKey<String> ROLE =
            SessionKey.of("role", String.class).guarded();
    private static final SessionKey<List<String>> CART = SessionKey.listOf("cart", String.class);

    private final MovableClock clock = new MovableClock();
    private final HookedStore store = new HookedStore(clock);
    private final List<SessionEvent> events = new ArrayList<>();
    private final SessionManager sessions = SessionManager.builder()
            .store(store)
            .clock(clock)
            .listener(events::add)
            .build();
    private final Visitor visitor = new Visitor(sessions);

    @AfterEach
    void close() {
        sessions.close();
        store.close();
    }

    private List<SessionEvent.Kind> kinds() {
        return events.stream().map(SessionEvent::kind).toList();
    }

    private @Nullable Integer hits() {
        return visitor.<@Nullable Integer>ask(session -> session.get(HITS));
    }

    private static void hit(Session session) {
        session.update(HITS, 0, n -> n + 1);
    }

    /** A value with a constant that this release has not. */
    private void breakRole() {
        visitor.visit(session -> session.set(SessionKey.of("role", Shape.class), Shape.ROUND));
    }

    private enum Shape {
        ROUND
    }

    private enum OtherShape {
        SQUARE
    }

    private static final SessionKey<OtherShape> BROKEN =
            SessionKey.of("role", OtherShape.class).guarded();

    // Commits that fail

    @Test
    void anUpdateThatMayBeStoredIsNotRunAgainByTheNextCommit() {
        visitor.visit(OddStatesTest::hit);
        FakeExchange exchange = visitor.exchange();
        Session session = sessions.current(exchange);
        hit(session);
        store.writes.add(Fault.LOST_AFTER);
        store.freshLoads.addAll(List.of(Fault.FAIL, Fault.FAIL));
        assertThatThrownBy(session::commit)
                .isInstanceOf(SessionUnavailableException.class)
                .hasMessageContaining("may be stored or not");
        sessions.commit(exchange);
        sessions.finish(exchange);
        assertThat(hits()).isEqualTo(2);
    }

    /** The pointer comes late and leads to the new record, which could not be ended: what it holds is not run again. */
    @Test
    void anUpdateInARotationOfUnknownFateIsNotRunAgainByTheNextCommit() {
        visitor.visit(OddStatesTest::hit);
        FakeExchange exchange = visitor.exchange();
        Session session = sessions.current(exchange);
        hit(session);
        session.rotate();
        store.writes.add(Fault.LATE);
        store.freshLoads.addAll(List.of(Fault.FAIL, Fault.FAIL));
        assertThatThrownBy(session::commit).isInstanceOf(SessionUnavailableException.class);
        sessions.commit(exchange);
        sessions.finish(exchange);
        assertThat(hits()).isEqualTo(2);
    }

    @Test
    void aSetThatMayBeStoredMayBeSentAgain() {
        visitor.visit(OddStatesTest::hit);
        FakeExchange exchange = visitor.exchange();
        Session session = sessions.current(exchange);
        session.set(HITS, 7);
        store.writes.add(Fault.LOST_BEFORE);
        store.freshLoads.addAll(List.of(Fault.FAIL, Fault.FAIL));
        assertThatThrownBy(session::commit).isInstanceOf(SessionUnavailableException.class);
        session.commit();
        sessions.commit(exchange);
        sessions.finish(exchange);
        assertThat(hits()).isEqualTo(7);
    }

    @Test
    void anUpdateThatWasRefusedForCertainMayBeTriedAgain() {
        visitor.visit(OddStatesTest::hit);
        FakeExchange exchange = visitor.exchange();
        Session session = sessions.current(exchange);
        hit(session);
        store.writes.add(Fault.FAIL);
        assertThatThrownBy(session::commit).isInstanceOf(SessionUnavailableException.class);
        session.commit();
        assertThat(hits()).isEqualTo(2);
    }

    @Test
    void aThreadThatIsInterruptedStoresWhatItHasAndStaysInterrupted() {
        visitor.visit(OddStatesTest::hit);
        FakeExchange exchange = visitor.exchange();
        hit(sessions.current(exchange));
        store.beforeReplace = () -> visitor.copy().visit(OddStatesTest::hit);
        Thread.currentThread().interrupt();
        try {
            sessions.commit(exchange);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
        assertThat(hits()).isEqualTo(3);
    }

    @Test
    void anInterruptedSignInAgainstAWriterIsCarriedOut() {
        visitor.visit(OddStatesTest::hit);
        Visitor attacker = visitor.copy();
        FakeExchange exchange = visitor.exchange();
        sessions.current(exchange).login("alice");
        store.beforeReplace = () -> attacker.visit(OddStatesTest::hit);
        Thread.currentThread().interrupt();
        try {
            sessions.commit(exchange);
        } finally {
            Thread.interrupted();
        }
        visitor.keep(exchange);
        assertThat(visitor.<@Nullable String>ask(Session::userId)).isEqualTo("alice");
        assertThat(attacker.<@Nullable Integer>ask(session -> session.get(HITS)))
                .isNull();
    }

    @Test
    void aValueThatBecameUnwritableInPlaceFailsOneCommitAndNotThatOfTheErrorPage() {
        visitor.visit(session -> session.set(CART, List.of("tea")));
        FakeExchange exchange = visitor.exchange();
        Session session = sessions.current(exchange);
        List<String> cart = session.find(CART).orElseThrow();
        cart.add("x".repeat(300_000));
        assertThatThrownBy(() -> sessions.commit(exchange)).isInstanceOf(SessionAttributeException.class);
        sessions.commit(exchange);
        sessions.finish(exchange);
        assertThat(visitor.<@Nullable List<String>>ask(later -> later.get(CART)))
                .containsExactly("tea");
    }

    @Test
    void theCookieOfACommitThatWorkedIsSentThoughALaterOneFails() {
        visitor.visit(OddStatesTest::hit);
        FakeExchange exchange = visitor.exchange();
        Session session = sessions.current(exchange);
        session.login("alice");
        session.commit();
        session.set(HITS, 9);
        store.writes.add(Fault.FAIL);
        assertThatThrownBy(() -> sessions.commit(exchange)).isInstanceOf(SessionUnavailableException.class);
        visitor.keep(exchange);
        assertThat(exchange.responseHeaders("Set-Cookie")).hasSize(1);
        assertThat(visitor.<@Nullable String>ask(Session::userId)).isEqualTo("alice");
    }

    @Test
    void aStoreThatAnswersNothingAtAllIsAwayOrMayHaveWritten() {
        visitor.visit(OddStatesTest::hit);
        store.writes.add(Fault.NULL);
        visitor.visit(OddStatesTest::hit);
        assertThat(hits()).isEqualTo(2);
        store.writes.add(Fault.BROKEN);
        store.freshLoads.addAll(List.of(Fault.NULL, Fault.NULL));
        assertThatThrownBy(() -> visitor.visit(OddStatesTest::hit)).isInstanceOf(SessionUnavailableException.class);
    }

    @Test
    void anErrorOfAnUpdateFunctionAtCommitIsForgottenByTheErrorPage() {
        visitor.visit(OddStatesTest::hit);
        FakeExchange exchange = visitor.exchange();
        Session session = sessions.current(exchange);
        session.update(HITS, 0, n -> {
            if (n > 1) {
                throw new AssertionError("too many");
            }
            return n + 1;
        });
        store.beforeReplace = () -> visitor.copy().visit(OddStatesTest::hit);
        assertThatThrownBy(() -> sessions.commit(exchange)).isInstanceOf(AssertionError.class);
        sessions.commit(exchange);
        sessions.finish(exchange);
        assertThat(hits()).isEqualTo(2);
    }

    // Update functions that do what they may not

    @Test
    void anUpdateFunctionThatChangesOrStoresItsSessionIsRefusedAndNothingChanges() {
        visitor.visit(session -> {
            session.set(HITS, 1);
            session.set(CART, List.of("tea"));
        });
        visitor.visit(session -> {
            assertThatThrownBy(() -> session.update(HITS, 0, n -> {
                        session.remove(CART);
                        return n + 1;
                    }))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> session.update(HITS, 0, n -> {
                        session.commit();
                        return n + 1;
                    }))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> session.update(HITS, 0, n -> session.logout() ? 1 : 2))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(session.keys()).isEqualTo(Set.of("hits", "cart"));
        });
        assertThat(hits()).isEqualTo(1);
    }

    @Test
    void anUpdateThatThrowsLosesNothingThatWasChangedInPlace() {
        visitor.visit(session -> session.set(CART, new ArrayList<>(List.of("tea"))));
        visitor.visit(session -> {
            List<String> cart = session.find(CART).orElseThrow();
            assertThatThrownBy(() -> session.update(CART, List.of(), old -> {
                        throw new UnsupportedOperationException("mine");
                    }))
                    .hasMessage("mine");
            cart.add("milk");
        });
        assertThat(visitor.<@Nullable List<String>>ask(session -> session.get(CART)))
                .containsExactly("tea", "milk");
    }

    @Test
    void aFunctionThatFailsOnWhatAnotherThreadStoredCostsNoCookie() {
        FakeExchange exchange = visitor.exchange();
        Session session = sessions.current(exchange);
        session.set(HITS, 1);
        session.commit();
        visitor.keep(exchange);
        session.rotate();
        // While the old id is being marked, another thread of the request adds an update that fails on a second run.
        boolean[] ran = {false};
        store.beforeReplace = () -> session.update(HITS, 0, n -> {
            if (ran[0]) {
                throw new UnsupportedOperationException("once");
            }
            ran[0] = true;
            return n;
        });
        session.commit();
        assertThatThrownBy(() -> sessions.commit(exchange)).hasMessage("once");
        visitor.keep(exchange);
        assertThat(hits()).isEqualTo(1);
    }

    // Signing in and out

    @Test
    void aListInTheApplicationsHandsIsStillStoredAfterANewIdAndASignIn() {
        visitor.visit(session -> session.set(CART, List.of("tea")));
        visitor.visit(session -> {
            List<String> cart = session.find(CART).orElseThrow();
            session.rotate();
            cart.add("milk");
        });
        visitor.visit(session -> {
            List<String> cart = session.find(CART).orElseThrow();
            session.login("alice");
            cart.add("sugar");
        });
        assertThat(visitor.<@Nullable List<String>>ask(session -> session.get(CART)))
                .containsExactly("tea", "milk", "sugar");
    }

    @Test
    void whatStaysInTheApplicationsHandsIsNotStoredForTheNextUser() {
        visitor.visit(session -> {
            session.login("alice");
            session.set(CART, List.of("tea"));
        });
        visitor.visit(session -> {
            List<String> cart = session.find(CART).orElseThrow();
            session.login("bob");
            cart.add("milk");
        });
        assertThat(visitor.<@Nullable List<String>>ask(session -> session.get(CART)))
                .isNull();
    }

    @Test
    void aSignInAfterTheHeaderIsOutIsRefusedAndOneThatWasTooLateIsDropped() {
        visitor.visit(OddStatesTest::hit);
        FakeExchange exchange = visitor.exchange();
        Session session = sessions.current(exchange);
        session.login("alice");
        exchange.committed(true); // an adapter that forgot its commit
        sessions.commit(exchange);
        sessions.finish(exchange);
        assertThat(sessions.stats().dropped()).isEqualTo(1);
        assertThat(sessions.stats().rotated()).isZero();
        assertThat(hits()).as("the old id is as good as before").isEqualTo(1);
        assertThat(visitor.<@Nullable String>ask(Session::userId)).isNull();
    }

    @Test
    void signingInTwiceInOneRequestIsOneNewIdOfTheLastUser() {
        visitor.visit(OddStatesTest::hit);
        FakeExchange exchange = visitor.visit(session -> {
            session.login("alice");
            session.set(HITS, 100);
            session.login("bob");
        });
        assertThat(exchange.responseHeaders("Set-Cookie")).hasSize(1);
        assertThat(sessions.stats().rotated()).isEqualTo(1);
        visitor.visit(session -> {
            assertThat(session.userId()).isEqualTo("bob");
            assertThat(session.get(HITS))
                    .as("what was anonymous, not what was Alice's")
                    .isEqualTo(1);
        });
    }

    @Test
    void aLogOutAfterASignInInOneRequestLeavesNothing() {
        Visitor before = visitor.copy();
        visitor.visit(OddStatesTest::hit);
        before.cookie = visitor.cookie;
        FakeExchange exchange = visitor.visit(session -> {
            session.login("alice");
            assertThat(session.logout()).isTrue();
            assertThat(session.userId()).isNull();
            assertThat(session.isNew()).isTrue();
        });
        assertThat(exchange.responseHeaders("Set-Cookie"))
                .singleElement()
                .asString()
                .contains("Max-Age=0");
        assertThat(before.<@Nullable Integer>ask(session -> session.get(HITS))).isNull();
    }

    @Test
    void aSignInAfterALogOutInOneRequestIsOneCookieOfANewSession() {
        visitor.visit(session -> {
            session.login("alice");
            hit(session);
        });
        FakeExchange exchange = visitor.visit(session -> {
            session.logout();
            session.login("bob");
        });
        assertThat(exchange.responseHeaders("Set-Cookie")).hasSize(1);
        visitor.visit(session -> {
            assertThat(session.userId()).isEqualTo("bob");
            assertThat(session.get(HITS)).isNull();
        });
    }

    @Test
    void whoFollowsAPointerMaySignInAndEndsTheChain() {
        visitor.visit(OddStatesTest::hit);
        Visitor slow = visitor.copy();
        visitor.visit(Session::rotate);
        slow.visit(session -> session.login("alice"));
        assertThat(slow.<@Nullable String>ask(Session::userId)).isEqualTo("alice");
        assertThat(slow.<@Nullable Integer>ask(session -> session.get(HITS))).isEqualTo(1);
        assertThat(hits()).isNull();
    }

    @Test
    void userIdsThatUtf8CannotSayAreRefused() {
        visitor.visit(session -> assertThatThrownBy(() -> session.login("alice\uD800"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("alice"));
        visitor.visit(session -> session.login("al\uD83D\uDE00ce"));
        assertThat(visitor.<@Nullable String>ask(Session::userId)).isEqualTo("al\uD83D\uDE00ce");
    }

    @Test
    void rememberingAnOpenSessionSendsItsCookieThoughItsEndStaysTheSame() {
        try (SessionManager same = SessionManager.builder()
                .clock(clock)
                .preset(SessionManager.Preset.AAL1)
                .build()) {
            Visitor visitor = new Visitor(same);
            visitor.visit(session -> session.login("alice"));
            FakeExchange exchange = visitor.visit(Session::rememberMe);
            assertThat(exchange.responseHeaders("Set-Cookie"))
                    .singleElement()
                    .asString()
                    .contains("Max-Age=2592000");
            assertThat(visitor.visit(Session::rememberMe).responseHeaders("Set-Cookie"))
                    .isEmpty();
        }
    }

    @Test
    void authenticatedWithinTakesEveryDurationAndNoNegativeOneIsTrue() {
        visitor.visit(session -> {
            assertThat(session.authenticatedWithin(Duration.ofSeconds(Long.MAX_VALUE)))
                    .isFalse();
            session.login("alice");
        });
        visitor.visit(session -> {
            assertThat(session.authenticatedWithin(Duration.ZERO)).isTrue();
            assertThat(session.authenticatedWithin(Duration.ofSeconds(Long.MAX_VALUE, 999_999_999)))
                    .isTrue();
        });
        clock.forward(Duration.ofSeconds(-5));
        visitor.visit(session -> {
            assertThat(session.authenticatedWithin(Duration.ofSeconds(Long.MIN_VALUE)))
                    .isFalse();
            assertThat(session.authenticatedWithin(Duration.ofSeconds(-1))).isFalse();
        });
    }

    @Test
    void timesFromTheEndsOfTheirScalesAreCutAndTheSessionLives() {
        visitor.visit(session -> {
            session.set(HITS, 1);
            session.idleTimeout(Duration.ofSeconds(Long.MAX_VALUE, 999_999_999));
            session.expireAt(Instant.MAX);
            session.expireIn(Duration.ofSeconds(Long.MAX_VALUE));
        });
        visitor.visit(session -> {
            assertThat(session.expiresAt()).isEqualTo(clock.instant().plus(Duration.ofHours(12)));
            session.idleTimeout(Duration.ofSeconds(Long.MIN_VALUE));
            session.idleTimeout(Duration.ofNanos(1));
            session.idleTimeout(Duration.ofMinutes(5));
        });
        assertThat(hits()).isEqualTo(1);
        visitor.visit(session -> session.expireIn(Duration.ofSeconds(Long.MIN_VALUE)));
        clock.forward(Duration.ofMillis(1));
        assertThat(hits()).isNull();
        visitor.visit(session -> {
            session.set(HITS, 1);
            session.expireAt(Instant.MIN);
        });
        clock.forward(Duration.ofMillis(1));
        assertThat(hits()).isNull();
    }

    // What cannot be read

    @Test
    void anUpdateOfAGuardedValueThatCannotBeReadEndsTheSessionAndBeginsAnew() {
        breakRole();
        visitor.visit(session -> session.login("alice"));
        Visitor old = visitor.copy();
        visitor.visit(session -> {
            assertThat(session.update(BROKEN, OtherShape.SQUARE, shape -> shape))
                    .isEqualTo(OtherShape.SQUARE);
            assertThat(session.userId()).isNull();
        });
        assertThat(kinds()).contains(SessionEvent.Kind.CORRUPT).doesNotContain(SessionEvent.Kind.LOGGED_OUT);
        assertThat(old.<@Nullable String>ask(Session::userId)).isNull();
        visitor.visit(session -> {
            assertThat(session.userId()).isNull();
            assertThat(session.get(BROKEN)).isEqualTo(OtherShape.SQUARE);
        });
    }

    @Test
    void aLogOutAfterAnUnreadableValueEndsTheSessionAtOnceAndSaysWhetherItIsConfirmed() {
        breakRole();
        visitor.visit(session -> {
            assertThat(session.get(BROKEN)).isNull();
            store.away = true;
            assertThat(session.logout()).isFalse();
            store.away = false;
        });
        assertThat(sessions.stats().unconfirmed()).isEqualTo(1);
        assertThat(visitor.cookie).isNull();
    }

    @Test
    void aSessionThatIsFoundUnreadableDuringItsCommitEndsWhereverItIsByThen() {
        breakRole();
        Visitor old = visitor.copy();
        FakeExchange exchange = visitor.exchange();
        Session session = sessions.current(exchange);
        session.rotate();
        store.beforeReplace = () -> assertThat(session.get(BROKEN)).isNull();
        session.commit();
        sessions.commit(exchange);
        sessions.finish(exchange);
        visitor.keep(exchange);
        assertThat(visitor.cookie).isNull();
        assertThat(old.<Boolean>ask(later -> later.id() == null)).isTrue();
    }

    @Test
    void guardedValuesAreNotTakenForAbsentByOtherVerbs() {
        breakRole();
        visitor.visit(session -> assertThat(session.has(ROLE)).isTrue());
        visitor.visit(session -> assertThat(session.take(BROKEN)).isNull());
        visitor.visit(session -> assertThat(session.id()).isNull());
    }

    // The exchange

    @Test
    void theThreadsOfOneRequestGetOneSessionHoweverEarlyTheyAsk() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (int round = 0; round < 200; round++) {
                SharedExchange exchange = new SharedExchange();
                CyclicBarrier barrier = new CyclicBarrier(8);
                Set<Session> seen = ConcurrentHashMap.newKeySet();
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    all.add(threads.submit(() -> {
                        barrier.await();
                        return seen.add(sessions.current(exchange));
                    }));
                }
                for (Future<?> each : all) {
                    each.get();
                }
                assertThat(seen).hasSize(1);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aSecondEndOfTheRequestIsNone() {
        FakeExchange exchange = visitor.exchange();
        Session session = sessions.current(exchange);
        session.set(HITS, 1);
        sessions.commit(exchange);
        sessions.finish(exchange);
        sessions.finish(exchange);
        assertThatThrownBy(() -> session.get(HITS)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> session.isCsrfValid("x")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(session::requestedId).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void changesAfterTheCommitAreStoredAtTheEndAndADiscardedOneIsNot() {
        visitor.visit(OddStatesTest::hit);
        FakeExchange exchange = visitor.exchange();
        Session session = sessions.current(exchange);
        session.set(HITS, 5);
        sessions.commit(exchange);
        exchange.committed(true);
        session.set(HITS, 6);
        session.discard();
        session.set(CART, List.of("late"));
        sessions.finish(exchange);
        visitor.visit(later -> {
            assertThat(later.get(HITS)).isEqualTo(5);
            assertThat(later.get(CART)).containsExactly("late");
        });
    }
}
