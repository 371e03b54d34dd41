package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Work behind the answers, on threads of its own or by the requests themselves. */
class ChoresTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final List<String> done = new ArrayList<>();

    private RequestChores inRequests() {
        return new RequestChores(nanos::get);
    }

    private Runnable noting(String name) {
        return () -> done.add(name);
    }

    @Test
    void requestsDoWhatIsDueInItsOrderAndTwoAtMost() {
        RequestChores chores = inRequests();
        chores.in(Duration.ofSeconds(2), noting("later"));
        chores.in(Duration.ZERO, noting("first"));
        chores.in(Duration.ofSeconds(1), noting("second"));
        chores.requestOver();
        assertThat(done).containsExactly("first");
        nanos.addAndGet(Duration.ofSeconds(2).toNanos()); // the counter wraps
        chores.in(Duration.ZERO, noting("last"));
        chores.requestOver();
        assertThat(done).containsExactly("first", "second", "later");
        assertThat(chores.waiting()).isEqualTo(1);
        chores.requestOver();
        assertThat(done).endsWith("last");
        chores.requestOver();
        assertThat(done).hasSize(4);
    }

    @Test
    void aChoreThatFailsHarmsNeitherTheRequestNorTheNext() {
        RequestChores chores = inRequests();
        chores.in(Duration.ZERO, () -> {
            throw new IllegalStateException("chore");
        });
        chores.in(Duration.ofNanos(1), noting("next"));
        nanos.incrementAndGet();
        chores.requestOver();
        assertThat(done).containsExactly("next");
    }

    @Test
    void aChoreMayAddAnother() {
        RequestChores chores = inRequests();
        chores.in(Duration.ZERO, () -> chores.in(Duration.ofSeconds(1), noting("added")));
        chores.requestOver();
        assertThat(done).isEmpty();
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        chores.requestOver();
        assertThat(done).containsExactly("added");
    }

    @Test
    void afterTheCloseNothingIsDone() {
        RequestChores chores = inRequests();
        chores.in(Duration.ZERO, noting("before"));
        chores.close();
        chores.in(Duration.ZERO, noting("after"));
        chores.requestOver();
        assertThat(done).isEmpty();
        assertThat(chores.waiting()).isZero();
        ThreadChores threads = new ThreadChores("chores-test");
        threads.close();
        threads.in(Duration.ZERO, noting("after")); // is not refused either
        assertThat(threads.waiting()).isZero();
    }

    @Test
    void threadsDoItByThemselves() throws InterruptedException {
        CountDownLatch ran = new CountDownLatch(1);
        AtomicBoolean daemon = new AtomicBoolean();
        try (ThreadChores threads = new ThreadChores("chores-test")) {
            threads.in(Duration.ofMillis(1), () -> {
                daemon.set(Thread.currentThread().isDaemon()
                        && Thread.currentThread().getName().equals("chores-test"));
                ran.countDown();
            });
            assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(daemon).isTrue();
        }
    }
}
