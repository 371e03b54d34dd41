package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.StoreHealth.Part;
import dev.coatcheck.StoreHealth.State;
import dev.coatcheck.StoreHealth.Trouble;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What a store's health comes to, and who hears of it. */
class HealthWatchTest {
    private final StepWorld world = new StepWorld();
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final AtomicInteger asked = new AtomicInteger();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private volatile Supplier<StoreHealth> says = () -> StoreHealth.of(Part.up("mc1"));

    private final HealthWatch watch = new HealthWatch(elsewhere(), world.protocol, nanos::get);

    /** A store that leaves the process and says what the test says. */
    private SessionStore elsewhere() {
        SessionStore store = new HookedStore(world.clock);
        return (SessionStore) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {SessionStore.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "health" -> {
                        asked.incrementAndGet();
                        yield says.get();
                    }
                    case "leavesProcess" -> true;
                    default -> method.invoke(store, arguments);
                });
    }

    @BeforeEach
    void listen() {
        log.start();
        ((Logger) LoggerFactory.getLogger(SessionManager.class)).addAppender(log);
    }

    @AfterEach
    void stop() {
        ((Logger) LoggerFactory.getLogger(SessionManager.class)).detachAppender(log);
    }

    private List<String> lines() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private void secondsLater(int seconds) {
        nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
        world.clock.forward(Duration.ofSeconds(seconds));
    }

    private static Part evicting(String name, long evictions) {
        return new Part(name, Set.of(Trouble.EVICTS), "too small", Map.of(StoreHealth.EVICTIONS, evictions));
    }

    // What it comes to

    @Test
    void aStoreIsAsWellAsItsParts() {
        Part up = Part.up("a");
        Part down = Part.away("b", "Connection refused");
        Part full = new Part("c", Set.of(Trouble.REFUSES_WRITES), "full", Map.of("refused", 3L));
        assertThat(StoreHealth.of(up).state()).isEqualTo(State.UP);
        assertThat(StoreHealth.of(up, up).state()).isEqualTo(State.UP);
        assertThat(StoreHealth.of(up, down).state()).isEqualTo(State.DEGRADED);
        assertThat(StoreHealth.of(full).state()).isEqualTo(State.DEGRADED);
        assertThat(StoreHealth.of(full, down).state()).isEqualTo(State.DEGRADED);
        assertThat(StoreHealth.of(down, down).state()).isEqualTo(State.DOWN);
        assertThat(StoreHealth.of(up, full).has(Trouble.REFUSES_WRITES)).isTrue();
        assertThat(StoreHealth.of(up, full).has(Trouble.AWAY)).isFalse();
        assertThat(StoreHealth.of(up, down, full))
                .hasToString("DEGRADED\na UP\nb DOWN: Connection refused\nc DEGRADED: full {refused=3}");
    }

    @Test
    void inFrontOfADatabaseEvictionsAreNoTrouble() {
        Part part = evicting("mc1", 7).thatMayForget();
        assertThat(part.state()).isEqualTo(State.UP);
        assertThat(part.reason()).isEqualTo("too small (no session is lost)");
        assertThat(part.figures()).containsEntry("evictions", 7L);
        Part away = Part.away("mc1", "gone");
        assertThat(away.thatMayForget()).isEqualTo(away);
    }

    @Test
    void aStoreThatKnowsNoBetterIsAskedForAKeyThatNobodyHas() {
        HookedStore store = new HookedStore(world.clock);
        assertThat(store.health()).isEqualTo(StoreHealth.of(Part.up("store")));
        assertThat(store.calls).isOne();
        store.away = true;
        assertThat(store.health()).isEqualTo(StoreHealth.of(Part.away("store", "away")));
    }

    @Test
    void theEmbeddedStoreIsDegradedForFiveMinutesAfterAnEviction() {
        EmbeddedSessionStore store = new EmbeddedSessionStore(1 << 20, world.clock);
        assertThat(store.health().toString()).isEqualTo("UP\nembedded UP {evictions=0}");
        List<Kind> told = new ArrayList<>();
        store.report((kind, key) -> told.add(kind));
        for (int i = 0; i < 30; i++) {
            SessionStore.Key key = SessionStore.Key.of(String.format("%032d", i));
            store.create(key, new byte[100_000], Duration.ofHours(1));
        }
        assertThat(told).hasSizeGreaterThan(10);
        Part part = store.health().parts().get(0);
        assertThat(part.troubles()).containsExactly(Trouble.EVICTS);
        assertThat(part.figures()).containsEntry("evictions", (long) told.size());
        world.clock.forward(Duration.ofSeconds(299));
        assertThat(store.health().state()).isEqualTo(State.DEGRADED);
        world.clock.forward(Duration.ofSeconds(2));
        assertThat(store.health().state()).isEqualTo(State.UP);
        store.close();
        assertThat(store.health().state()).isEqualTo(State.DOWN);
    }

    // Who asks

    @Test
    void aStoreIsAskedOnceASecondHoweverManyAsk() {
        for (int i = 0; i < 10; i++) {
            assertThat(watch.health().state()).isEqualTo(State.UP);
        }
        assertThat(asked).hasValue(1);
        says = () -> StoreHealth.of(Part.away("mc1", "gone"));
        secondsLater(1);
        assertThat(watch.health().state()).isEqualTo(State.DOWN);
        assertThat(asked).hasValue(2);
    }

    @Test
    void aStoreIsAskedOnceAMinuteThoughNobodyAsks() {
        RequestChores chores = new RequestChores(nanos::get);
        watch.start(chores);
        for (int minutes = 0; minutes < 3; minutes++) {
            secondsLater(59);
            chores.requestOver();
            assertThat(asked).hasValue(minutes);
            secondsLater(1);
            chores.requestOver();
            assertThat(asked).hasValue(minutes + 1);
        }
    }

    @Test
    void everyManagerOfAStoreInAnotherProcessAsksIt() {
        SessionManager.Builder builder =
                SessionManager.builder().store(elsewhere()).keyRing(KeyRing.parse(KeyRing.generate()));
        RequestChores chores = new RequestChores(nanos::get);
        try (SessionEngine engine = new SessionEngine(Settings.check(builder.draft), world.protocol, chores)) {
            secondsLater(60);
            engine.requestOver();
            assertThat(asked).hasValue(1);
        }
    }

    @Test
    void whileOneIsAskingOthersGetTheAnswerBeforeAndNoOldOne() throws Exception {
        watch.health();
        secondsLater(2);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        says = () -> {
            begun.countDown();
            try {
                assertThat(go.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return StoreHealth.of(Part.away("mc1", "gone"));
        };
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            Future<StoreHealth> slow = threads.submit(watch::health);
            assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(watch.health().state()).isEqualTo(State.UP);
            says = () -> StoreHealth.of(Part.up("mc1"), Part.up("mc2"));
            secondsLater(5);
            assertThat(watch.health().parts()).hasSize(2);
            go.countDown();
            assertThat(slow.get(20, TimeUnit.SECONDS).state()).isEqualTo(State.DOWN);
        } finally {
            go.countDown();
            threads.shutdownNow();
        }
    }

    @Test
    void aStoreThatThrowsIsDownAndItsWordsAreNotShown() {
        says = () -> {
            throw new IllegalStateException("canary-value");
        };
        assertThat(watch.health().state()).isEqualTo(State.DOWN);
        assertThat(watch.health().toString()).contains("IllegalStateException").doesNotContain("canary");
        assertThat(lines()).singleElement().asString().doesNotContain("canary");
    }

    // Who hears of it

    @Test
    void evictionsAreAnEventForEachTimeThatThereAreMore() {
        for (long evictions : List.of(0L, 5L, 5L, 9L, 9L)) {
            says = () ->
                    StoreHealth.of(evictions == 0 ? Part.up("mc1") : evicting("mc1", evictions), evicting("mc2", 3));
            secondsLater(1);
            watch.health();
        }
        assertThat(world.events)
                .extracting(SessionEvent::kind)
                .containsExactly(Kind.EVICTED, Kind.EVICTED, Kind.EVICTED);
        assertThat(world.events).extracting(SessionEvent::id).containsOnlyNulls();
    }

    @Test
    void aPartThatWasAwayMeanwhileIsNotToldOfTwice() {
        for (Part part : List.of(evicting("mc1", 5), Part.away("mc1", "gone"), evicting("mc1", 5))) {
            says = () -> StoreHealth.of(part);
            secondsLater(1);
            watch.health();
        }
        assertThat(world.events).hasSize(1);
    }

    @Test
    void whatIsNotWellIsALineAMinuteAtMost() {
        says = () -> StoreHealth.of(Part.up("mc1"), evicting("mc2", 3));
        for (int i = 0; i < 60; i++) {
            watch.health();
            secondsLater(1);
        }
        assertThat(lines()).containsExactly("The session store is DEGRADED: mc2 DEGRADED: too small");
        watch.health();
        assertThat(lines()).hasSize(2);
    }
}
