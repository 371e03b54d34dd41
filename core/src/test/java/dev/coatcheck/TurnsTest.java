package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
}
