package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.TierQueue.Bounds;
import dev.coatcheck.TierQueue.Pending;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** How much may wait for the durable store, and for how long. */
class TierQueueTest {
    private static final Duration AGE = Duration.ofMinutes(5);
    private static final Version BASE = new TierVersion(new Row(1), null);

    private record Row(long number) implements Version {}

    private final MovableClock clock = new MovableClock();

    private TierQueue queue(int keys, long bytes) {
        return new TierQueue(
                new Bounds(keys, bytes, AGE),
                () -> Duration.between(Instant.EPOCH, clock.instant()).toNanos());
    }

    private static Key key(int number) {
        return Key.of("%032d".formatted(number));
    }

    private static Pending change(int version, int bytes) {
        Envelope envelope = new Envelope(Envelope.Kind.LIVE, 2, 0, 0, version, 2_000_000_000, List.of((long) version));
        return new Pending(new byte[bytes], envelope, Duration.ofMinutes(20), BASE);
    }

    @Test
    void soManySessionsMayWait() {
        TierQueue queue = queue(2, 1_000);
        queue.put(key(1), change(2, 10));
        assertThat(queue.hasRoom(key(2), 10)).isTrue();
        queue.put(key(2), change(2, 10));
        assertThat(queue.hasRoom(key(3), 10)).isFalse();
        assertThat(queue.hasRoom(key(2), 10)).as("one that waits").isTrue();
        queue.drop(key(1));
        assertThat(queue.hasRoom(key(3), 10)).isTrue();
    }

    @Test
    void soManyBytesMayWait() {
        TierQueue queue = queue(100, 1_000);
        assertThat(queue.hasRoom(key(1), 1_001)).as("more than all of it").isFalse();
        assertThat(queue.hasRoom(key(1), 1_000)).isTrue();
        queue.put(key(1), change(2, 600));
        assertThat(queue.hasRoom(key(2), 400)).isTrue();
        assertThat(queue.hasRoom(key(2), 401)).isFalse();
        assertThat(queue.hasRoom(key(1), 1_000)).as("in place of its own").isTrue();
        assertThat(queue.hasRoom(key(1), 1_001)).isFalse();
        queue.put(key(1), change(3, 900));
        assertThat(queue.bytes()).isEqualTo(900);
        assertThat(queue.hasRoom(key(2), 101)).isFalse();
        Pending waits = Objects.requireNonNull(queue.get(key(1)));
        queue.done(key(1), waits);
        assertThat(queue.bytes()).isZero();
        assertThat(queue.hasRoom(key(2), 1_000)).isTrue();
    }

    @Test
    void whileOneHasWaitedForTooLongNoMoreMayWait() {
        TierQueue queue = queue(100, 1_000);
        assertThat(queue.oldestAge()).isZero();
        queue.put(key(1), change(2, 10));
        clock.forward(AGE.minusMillis(1));
        queue.put(key(2), change(2, 10));
        queue.put(key(1), change(3, 10));
        assertThat(queue.hasRoom(key(3), 10)).isTrue();
        assertThat(queue.oldestAge())
                .as("a newer change does not make it younger")
                .isEqualTo(AGE.minusMillis(1));
        clock.forward(Duration.ofMillis(1));
        assertThat(queue.hasRoom(key(3), 10)).isFalse();
        assertThat(queue.hasRoom(key(1), 10)).as("nor of those that wait").isFalse();
        assertThat(queue.keys()).as("nothing is dropped").containsExactly(key(1), key(2));
        queue.done(key(1), Objects.requireNonNull(queue.get(key(1))));
        assertThat(queue.oldestAge()).isEqualTo(Duration.ofMillis(1));
        assertThat(queue.hasRoom(key(3), 10)).isTrue();
    }

    @Test
    void aSessionThatIsChangedWithoutAPauseDoesNotGrowOldWhileTheStoreTakesItsChanges() {
        TierQueue queue = queue(100, 1_000);
        queue.put(key(1), change(2, 10));
        queue.put(key(2), change(2, 10));
        Pending stored = Objects.requireNonNull(queue.get(key(1)));
        clock.forward(Duration.ofMinutes(4));
        queue.put(key(1), change(3, 20));
        queue.done(key(1), stored);
        assertThat(queue.get(key(1))).as("the newer one goes on waiting").isNotNull();
        assertThat(queue.bytes()).isEqualTo(30);
        assertThat(queue.keys()).as("behind what has waited for longer").containsExactly(key(2), key(1));
        queue.drop(key(2));
        assertThat(queue.oldestAge()).isZero();
    }

    @Test
    void aChangeThatComesLateDoesNotTakeThePlaceOfTheOneOnTopOfIt() {
        TierQueue queue = queue(100, 1_000);
        queue.put(key(1), change(3, 10));
        queue.put(key(1), change(2, 20));
        assertThat(Objects.requireNonNull(queue.get(key(1))).envelope().version())
                .isEqualTo(3);
        assertThat(queue.bytes()).isEqualTo(10);
    }

    /** Threads that put, store and drop changes of the same sessions leave a sum that is that of what waits. */
    @Test
    void theBytesAreThoseOfWhatWaitsWhateverHappensAtOnce() throws Exception {
        TierQueue queue = queue(50, 10_000);
        long seed = System.nanoTime();
        System.out.println("TierQueueTest seed " + seed);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                SplittableRandom random = new SplittableRandom(seed + thread);
                all.add(threads.submit(() -> {
                    for (int i = 0; i < 20_000; i++) {
                        step(queue, random);
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
        long sum = 0;
        for (Key key : queue.keys()) {
            sum += Objects.requireNonNull(queue.get(key)).value().length;
        }
        assertThat(queue.bytes()).as("seed " + seed).isEqualTo(sum);
        for (Key key : queue.keys()) {
            queue.drop(key);
        }
        assertThat(queue.bytes()).isZero();
        assertThat(queue.sessions()).isZero();
    }

    private static void step(TierQueue queue, SplittableRandom random) {
        Key key = key(random.nextInt(100));
        int bytes = random.nextInt(1, 1_000);
        switch (random.nextInt(4)) {
            case 0 -> queue.drop(key);
            case 1 -> {
                Pending waits = queue.get(key);
                if (waits != null) {
                    queue.done(key, waits);
                }
            }
            default -> {
                if (queue.hasRoom(key, bytes)) {
                    queue.put(key, change(random.nextInt(2, 1_000), bytes));
                    // Others may have taken the room meanwhile: one change for each thread.
                    assertThat(queue.bytes()).isLessThanOrEqualTo(10_000 + 8 * 1_000);
                    assertThat(queue.sessions()).isLessThanOrEqualTo(50 + 8);
                }
            }
        }
    }
}
