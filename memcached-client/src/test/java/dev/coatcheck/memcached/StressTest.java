package dev.coatcheck.memcached;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.memcached.MemcachedException.Fate;
import dev.coatcheck.memcached.Reply.Status;
import dev.coatcheck.test.FaultProxy;
import dev.coatcheck.test.MemcachedServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many callers share connections that break, are interrupted and allow too little time, and each checks that what it gets is
 * its own. {@code -Dcoatcheck.stress.operations=10000000} makes it a long one.
 */
class StressTest {
    private static final long OPERATIONS = Long.getLong("coatcheck.stress.operations", 200_000);
    private static final int CALLERS = 256;
    private static final int ANSWERS_BETWEEN_FAULTS = 5_000;
    private static final Duration POLL = Duration.ofMillis(2);

    private final long seed = Long.getLong("coatcheck.stress.seed", System.nanoTime());
    private final AtomicLong left = new AtomicLong(OPERATIONS);
    private final Map<Fate, LongAdder> fates = new EnumMap<>(Fate.class);
    private final LongAdder answered = new LongAdder();
    private final Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean over = new AtomicBoolean();

    StressTest() {
        for (Fate fate : Fate.values()) {
            fates.put(fate, new LongAdder());
        }
    }

    /** A caller with keys of its own: what may be under each of them it knows, since nobody else writes there. */
    private final class Caller implements Runnable {
        private static final int KEYS = 4;

        private final int number;
        private final MemcachedClient client;
        private final MemcachedNode node;
        private final Random random;
        private long written;

        Caller(int number, MemcachedClient client) {
            this.number = number;
            this.client = client;
            node = client.nodes().get(0);
            random = new Random(seed + number);
        }

        @Override
        public void run() {
            while (left.getAndDecrement() > 0) {
                try {
                    once();
                    answered.increment();
                } catch (MemcachedException e) {
                    fates.get(e.fate()).increment();
                    if (e.fate() == Fate.NOT_SENT) {
                        // Away for the moment: what was not sent does not count.
                        left.incrementAndGet();
                        Thread.interrupted();
                        await().atMost(Rig.PATIENCE)
                                .pollInSameThread()
                                .pollInterval(POLL)
                                .until(node::isUp);
                    }
                } catch (RuntimeException | AssertionError e) {
                    wrong.add(e);
                }
                // What an interrupt was for is over.
                Thread.interrupted();
            }
        }

        private String key(int i) {
            return "c" + number + "k" + i;
        }

        private void once() {
            String key = key(random.nextInt(KEYS));
            Duration timeout =
                    random.nextInt(500) == 0 ? Duration.ofNanos(random.nextInt(2_000_000)) : client.timeout();
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> {
                    byte[] value = value(key, ++written);
                    assertThat(node.execute(
                                            Command.set(key, value)
                                                    .clientFlags(number)
                                                    .expire(600),
                                            timeout)
                                    .status())
                            .isEqualTo(Status.DONE);
                }
                case 3 ->
                    assertThat(node.execute(Command.delete(key), timeout).status())
                            .isIn(Status.DONE, Status.ABSENT);
                default -> {
                    Reply reply = node.execute(
                            Command.get(key).value().flags().secondsLeft().touch(600), timeout);
                    byte[] value = reply.value();
                    if (value != null) {
                        check(key, reply, value);
                    }
                }
            }
        }

        private void check(String key, Reply reply, byte[] value) {
            String text = new String(value, US_ASCII);
            String[] words = text.split(" ", -1);
            long number = Long.parseLong(words[1]);
            if (!words[0].equals(key)
                    || !Arrays.equals(value, value(key, number))
                    || number > written
                    || reply.flags() != this.number
                    || reply.secondsLeft() > 600) {
                throw new AssertionError("seed " + seed + ": asked for " + key + " and got " + words[0]);
            }
        }

        private byte[] value(String key, long n) {
            return (key + " " + n + " " + "x".repeat((int) (n * 131 % 3_000))).getBytes(US_ASCII);
        }
    }

    private void breakConnections(FaultProxy proxy, List<Thread> callers) {
        Random random = new Random(seed - 1);
        while (!over.get()) {
            switch (random.nextInt(5)) {
                case 0 -> proxy.closeInReply();
                case 1 -> proxy.cutAfter(random.nextInt(100_000));
                case 2 -> proxy.swapReplies();
                case 3 -> proxy.duplicateReply();
                default -> proxy.heal();
            }
            for (int i = 0; i < 8; i++) {
                callers.get(random.nextInt(CALLERS)).interrupt();
            }
            long next = answered.sum() + ANSWERS_BETWEEN_FAULTS;
            await().atMost(Rig.PATIENCE).pollInterval(POLL).until(() -> over.get() || answered.sum() >= next);
        }
        proxy.heal();
    }

    @Test
    @Timeout(3_600)
    void everyReplyBelongsToItsRequestAndNothingIsLeftBehind() throws InterruptedException {
        try (MemcachedServer server = MemcachedServer.start("-m", "256");
                FaultProxy proxy = FaultProxy.before(server)) {
            long sockets = Long.parseLong(server.stats().get("curr_connections"));
            MemcachedClient client = MemcachedClient.builder()
                    .node("mc", proxy.address())
                    .timeout(Duration.ofSeconds(1))
                    .build();
            MemcachedNode node = client.nodes().get(0);
            await().atMost(Rig.PATIENCE).until(() -> node.stats().connections() == 2);
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                callers.add(new Thread(new Caller(i, client), "caller " + i));
            }
            callers.forEach(Thread::start);
            Thread breaker = new Thread(() -> breakConnections(proxy, callers), "breaker");
            breaker.start();
            for (Thread caller : callers) {
                caller.join();
            }
            over.set(true);
            breaker.join();

            System.out.println("Stress, seed " + seed + ": " + OPERATIONS + " operations, answered " + answered + ", "
                    + fates + ", " + node.stats());
            assertThat(wrong).as("seed %d", seed).isEmpty();
            assertThat(answered.sum()).as("answered").isGreaterThan(OPERATIONS / 2);
            assertThat(node.stats().connections()).as("connections").isGreaterThan(2);
            assertThat(fates.get(Fate.UNKNOWN).sum()).as("unknown").isPositive();
            await().atMost(Rig.PATIENCE).until(() -> node.stats().inFlight() == 0);
            await().atMost(Rig.PATIENCE).until(() -> Rig.threads().size() <= 5);
            await().atMost(Rig.PATIENCE).until(() -> proxy.openConnections() <= 2);
            client.close();
            await().atMost(Rig.PATIENCE).until(() -> Rig.threads().isEmpty());
            await().atMost(Rig.PATIENCE)
                    .until(() -> Long.parseLong(server.stats().get("curr_connections")) <= sockets);
        }
    }
}
