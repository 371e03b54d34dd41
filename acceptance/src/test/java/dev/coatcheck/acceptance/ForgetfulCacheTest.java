package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.SessionKey;
import dev.coatcheck.test.TestBrowser;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** 10,000 live sessions while memcached forgets or is gone: every one is served, for one query of the database at most. */
class ForgetfulCacheTest extends TieredNodes {
    private static final int SESSIONS = 10_000;
    private static final int THREADS = 8;
    private static final SessionKey<Integer> NUMBER = SessionKey.of("number", Integer.class);
    private static final SessionKey<byte[]> CART = SessionKey.of("cart", byte[].class);

    /** Room for some 5,000 of them. */
    ForgetfulCacheTest() {
        super(new OneMemcached("-m", "8"), new OneDatabase());
    }

    private interface Work {
        void on(int number) throws Exception;
    }

    private static void forAll(Work work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Void>> parts = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int first = thread;
                parts.add(() -> {
                    for (int i = first; i < SESSIONS; i += THREADS) {
                        work.on(i);
                    }
                    return null;
                });
            }
            for (Future<Void> done : threads.invokeAll(parts)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void everySessionIsServedWhateverTheCacheForgets() throws Exception {
        List<TestBrowser> browsers = IntStream.range(0, SESSIONS)
                .mapToObj(i -> i % 2 == 0 ? browser() : browser().through(two))
                .toList();
        forAll(i -> browsers.get(i).visit(session -> {
            session.set(NUMBER, i);
            session.set(CART, new byte[1_000]);
        }));

        isServed("evicted by a full memcached", browsers);
        assertThat(memcached.server.stats().get("evictions")).isNotEqualTo("0");

        memcached.server.flush();
        isServed("flushed", browsers);

        memcached.server.restart();
        isServed("restarted empty", browsers);

        memcached.server.kill();
        isServed("without memcached", browsers);
    }

    private void isServed(String state, List<TestBrowser> browsers) throws Exception {
        long queries = database.queries();
        forAll(i ->
                browsers.get(i).visit(session -> assertThat(session.get(NUMBER)).isEqualTo(i)));
        long asked = database.queries() - queries;
        System.out.printf("%d sessions, %s: all served, %d queries%n", SESSIONS, state, asked);
        assertThat(asked).as(state).isBetween(1L, (long) SESSIONS);
    }
}
