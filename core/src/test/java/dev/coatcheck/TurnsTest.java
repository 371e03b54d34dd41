package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private final ReentrantLock lock = new ReentrantLock();
    private final Turns turns = new Turns(lock);

    @Test
    void sixteenThreadsTakeThemOneAtATimeAndNoneHoldsTheLock() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                all.add(threads.submit(() -> {
                    for (int n = 0; n < 200; n++) {
                        turns.take(() -> {
                            most.accumulateAndGet(running.incrementAndGet(), Math::max);
                            assertThat(lock.isHeldByCurrentThread()).isFalse();
                            done.incrementAndGet();
                            running.decrementAndGet();
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
        assertThat(most).hasValue(1);
        assertThat(done).hasValue(3_200);
    }

    @Test
    void aTurnWithinATurnIsRefusedAndOneThatThrowsIsOver() {
        turns.take(() -> assertThatThrownBy(() -> turns.take(() -> {})).isInstanceOf(IllegalStateException.class));
        assertThatThrownBy(() -> turns.take(() -> {
                    throw new IllegalArgumentException("mine");
                }))
                .hasMessage("mine");
        AtomicInteger taken = new AtomicInteger();
        turns.take(taken::incrementAndGet);
        assertThat(taken).hasValue(1);
    }

    @Test
    void whoHoldsTheLockMayTakeNoTurnSinceItWouldBeHeldAroundIt() {
        lock.lock();
        try {
            assertThatThrownBy(() -> turns.take(() -> {})).isInstanceOf(IllegalStateException.class);
        } finally {
            lock.unlock();
        }
        AtomicInteger taken = new AtomicInteger();
        turns.take(taken::incrementAndGet);
        assertThat(taken).hasValue(1);
    }

    @Test
    void whoComesDuringATurnWaitsForItsEndAndThenTakesItsOwn() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        List<String> order = new CopyOnWriteArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<?> first = threads.submit(() -> turns.take(() -> {
                inside.countDown();
                await(leave);
                order.add("first");
            }));
            await(inside);
            Future<?> second = threads.submit(() -> turns.take(() -> order.add("second")));
            assertThat(second.isDone()).isFalse();
            leave.countDown();
            first.get();
            second.get();
        } finally {
            threads.shutdownNow();
        }
        assertThat(order).containsExactly("first", "second");
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
