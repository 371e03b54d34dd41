package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Events, the log's one line a minute, remembered absences, ends that wait for the store. */
class QuietPartsTest {
    private final MovableClock clock = new MovableClock();
    private final HookedStore store = new HookedStore(clock);

    @AfterEach
    void close() {
        store.close();
    }

    // Events

    @Test
    void aListenerThatThrowsAnErrorStopsNeitherTheOthersNorTheCaller() {
        List<SessionEvent> told = new ArrayList<>();
        Events events = new Events(
                List.of(
                        event -> {
                            throw new StackOverflowError("listener");
                        },
                        event -> {
                            throw new IllegalStateException("listener");
                        },
                        told::add),
                clock);
        events.tell(SessionEvent.Kind.ROTATED, "new", "old", "alice");
        assertThat(told).singleElement().satisfies(event -> {
            assertThat(event.kind()).isEqualTo(SessionEvent.Kind.ROTATED);
            assertThat(event.id()).isEqualTo("new");
            assertThat(event.previousId()).isEqualTo("old");
            assertThat(event.userId()).isEqualTo("alice");
            assertThat(event.at()).isEqualTo(clock.instant());
            assertThat(event.toString()).contains("new", "old").doesNotContain("alice");
        });
    }

    // One line a minute

    @Test
    void oneLineAMinuteSaysHowOften() {
        MinuteLog log = new MinuteLog(clock);
        List<Long> lines = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            log.run(lines::add);
        }
        clock.forward(Duration.ofMillis(59_999));
        log.run(lines::add);
        clock.forward(Duration.ofMillis(1));
        log.run(lines::add);
        log.run(lines::add);
        clock.forward(Duration.ofHours(1));
        log.run(lines::add);
        assertThat(lines).containsExactly(1L, 101L, 2L);
    }

    @Test
    void manyThreadsAtOnceWriteOneLineAndNoCallIsCountedTwice() throws Exception {
        MinuteLog log = new MinuteLog(clock);
        AtomicLong lines = new AtomicLong();
        AtomicLong counted = new AtomicLong();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(threads.submit(() -> {
                    for (int n = 0; n < 10_000; n++) {
                        log.run(times -> {
                            lines.incrementAndGet();
                            counted.addAndGet(times);
                        });
                    }
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(lines).hasValue(1);
        clock.forward(Duration.ofMinutes(1));
        log.run(counted::addAndGet);
        assertThat(counted).hasValue(80_001);
    }

    // Remembered absences

    private static SessionStore.Key key(int number) {
        return SessionStore.Key.of(String.format("%032d", number));
    }

    @Test
    void anAbsenceIsRememberedForFiveSeconds() {
        KnownAbsences absences = new KnownAbsences(store, clock);
        assertThat(absences.remembers(key(1))).isFalse();
        absences.remember(key(1));
        clock.forward(Duration.ofMillis(4_999));
        assertThat(absences.remembers(key(1))).isTrue();
        assertThat(absences.remembers(key(2))).isFalse();
        clock.forward(Duration.ofMillis(1));
        assertThat(absences.remembers(key(1))).isFalse();
        clock.forward(Duration.ofMillis(-1));
        assertThat(absences.remembers(key(1))).as("what is over is forgotten").isFalse();
    }

    @Test
    void nothingIsRememberedWhileTheStoreIsNotSettledAlsoNothingFromBefore() {
        KnownAbsences absences = new KnownAbsences(store, clock);
        absences.remember(key(1));
        store.settled = false;
        assertThat(absences.remembers(key(1))).isFalse();
        absences.remember(key(2));
        store.settled = true;
        assertThat(absences.remembers(key(1))).isFalse();
        assertThat(absences.remembers(key(2))).isFalse();
    }

    @Test
    void aFloodOfDeadTicketsIsRememberedInBoundedRoom() {
        KnownAbsences absences = new KnownAbsences(store, clock);
        for (int i = 0; i < 50_000; i++) {
            absences.remember(key(i));
        }
        Awaitility.await().untilAsserted(() -> {
            int remembered = 0;
            for (int i = 0; i < 50_000; i++) {
                remembered += absences.remembers(key(i)) ? 1 : 0;
            }
            assertThat(remembered).isBetween(1, 10_000);
        });
    }

    // Ends that wait for the store

    private final StepWorld world = new StepWorld();
    private final Driver driver = new Driver(store, world.counters);

    @Test
    void anEndThatIsNotConfirmedIsRefusedUntilAMomentAfterTheStoreConfirms() {
        try (Chores chores = new ThreadChores("test")) {
            UnconfirmedEnds ends = new UnconfirmedEnds(world.protocol, driver, chores);
            Address address = world.protocol.address(world.token());
            assertThat(ends.refuses(address.key())).isFalse();
            store.away = true;
            ends.add(address, world.clock.instant().plusSeconds(60));
            ends.tryAgain();
            assertThat(ends.refuses(address.key())).isTrue();
            assertThat(world.kinds()).containsExactly(SessionEvent.Kind.UNCONFIRMED);
            store.away = false;
            ends.tryAgain();
            assertThat(ends.waiting()).isEmpty();
            assertThat(ends.refuses(address.key()))
                    .as("for who is reading at this moment")
                    .isTrue();
            assertThat(world.kinds()).containsExactly(SessionEvent.Kind.UNCONFIRMED, SessionEvent.Kind.LOGGED_OUT);
            assertThat(world.counters.unconfirmed.sum()).isEqualTo(1);
            assertThat(world.counters.loggedOut.sum()).isEqualTo(1);
            ends.tryAgain();
            assertThat(world.kinds()).hasSize(2);
            world.clock.forward(Duration.ofMinutes(1));
            assertThat(ends.refuses(address.key())).isFalse();
        }
    }

    @Test
    void anEndPastItsSessionsOwnEndIsForgottenWithoutACall() {
        try (Chores chores = new ThreadChores("test")) {
            UnconfirmedEnds ends = new UnconfirmedEnds(world.protocol, driver, chores);
            Address address = world.protocol.address(world.token());
            store.away = true;
            ends.add(address, world.clock.instant().plusSeconds(60));
            world.clock.forward(Duration.ofSeconds(60));
            int calls = store.endCalls;
            ends.tryAgain();
            assertThat(ends.refuses(address.key())).isFalse();
            assertThat(store.endCalls).isLessThanOrEqualTo(calls);
            assertThat(world.kinds()).doesNotContain(SessionEvent.Kind.LOGGED_OUT);
        }
    }

    @Test
    void triesGoOnByThemselvesAlsoAfterAnErrorOfTheStore() {
        AtomicLong tries = new AtomicLong();
        Driver failing = new Driver(new EndsBadly(tries), world.counters);
        try (Chores chores = new ThreadChores("test")) {
            UnconfirmedEnds ends = new UnconfirmedEnds(world.protocol, failing, chores);
            Address address = world.protocol.address(world.token());
            ends.add(address, world.clock.instant().plusSeconds(60));
            Awaitility.await().until(() -> ends.waiting().isEmpty());
            assertThat(tries).hasValue(2);
        }
    }

    @Test
    void moreWaitingEndsThanThereIsRoomForAreSaidAndTheRestIsKept() {
        try (Chores chores = new ThreadChores("test")) {
            UnconfirmedEnds ends = new UnconfirmedEnds(world.protocol, driver, chores);
            store.away = true;
            Address last = world.protocol.address(world.token());
            for (int i = 0; i < 10_000; i++) {
                ends.add(
                        new Address(key(i), new byte[32], LeaseClass.MINUTES_5, 0, "id"),
                        world.clock.instant().plusSeconds(60));
            }
            ends.add(last, world.clock.instant().plusSeconds(60));
            assertThat(ends.refuses(last.key())).isFalse();
            assertThat(ends.refuses(key(0))).isTrue();
            assertThat(ends.refuses(key(9_999))).isTrue();
            assertThat(world.counters.unconfirmed.sum()).isEqualTo(10_001);
        }
    }
}
