package dev.coatcheck.memcached;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.memcached.MemcachedException.Fate;
import dev.coatcheck.test.MemcachedServer;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An interrupted caller leaves, and nobody else notices. */
class InterruptTest {
    /** Longer than the patience with a caller: who leaves within that leaves because of the interrupt. */
    private static final Duration LONG = Rig.PATIENCE.plusSeconds(20);

    private MemcachedServer server;
    private Rig rig;

    @BeforeEach
    void start() {
        server = MemcachedServer.start();
        server.put("k", "value".getBytes(UTF_8), Duration.ofMinutes(1));
        rig = Rig.before(server, settings -> settings.timeout(LONG));
    }

    @AfterEach
    void close() {
        rig.close();
        server.close();
    }

    record Threads(String name, ThreadFactory factory) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Virtual threads too, on a JVM that has them. */
    static Stream<Threads> threads() throws ReflectiveOperationException {
        Threads platform = new Threads("platform", Thread::new);
        if (Runtime.version().feature() < 21) {
            return Stream.of(platform);
        }
        Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
        Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
        ThreadFactory virtual = (ThreadFactory)
                Class.forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
        assertThat(start).isNotNull();
        return Stream.of(platform, new Threads("virtual", virtual));
    }

    private record Caller(Thread thread, AtomicReference<Throwable> failure, AtomicReference<Boolean> status) {}

    private Caller caller(Threads threads, Command command) {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicReference<Boolean> status = new AtomicReference<>();
        Thread thread = threads.factory.newThread(() -> {
            try {
                rig.client.execute(command);
            } catch (RuntimeException e) {
                failure.set(e);
            }
            status.set(Thread.currentThread().isInterrupted());
        });
        thread.start();
        return new Caller(thread, failure, status);
    }

    private static void isInterrupted(Caller caller, Fate fate) throws InterruptedException {
        caller.thread.interrupt();
        caller.thread.join(Rig.PATIENCE.toMillis());
        assertThat(caller.failure.get())
                .isInstanceOfSatisfying(
                        MemcachedException.class, e -> assertThat(e.fate()).isEqualTo(fate));
        assertThat(caller.status.get()).as("its status stays set").isTrue();
    }

    @ParameterizedTest
    @MethodSource("threads")
    void anInterruptAfterTheSendingHurtsNobodyElse(Threads threads) throws Exception {
        rig.proxy.delay(Rig.PATIENCE);
        rig.proxy.resetCounters();
        Caller caller = caller(threads, Command.get("k").value());
        await().atMost(Rig.PATIENCE).until(() -> rig.proxy.requests().size() == 1);
        CompletableFuture<Reply> other =
                rig.client.submit(Command.get("k").value().cas());
        isInterrupted(caller, Fate.UNKNOWN);
        rig.proxy.heal();
        assertThat(Rig.result(other).value()).asString(UTF_8).isEqualTo("value");
        rig.awaitIdle();
        assertThat(rig.node.stats()).returns(1L, NodeStats::connections).returns(0L, NodeStats::timeouts);
    }

    @ParameterizedTest
    @MethodSource("threads")
    void anInterruptBeforeTheSendingTakesTheCommandBack(Threads threads) throws Exception {
        // Neither side has room any more: the sender stands still in a large write, and what follows waits behind it.
        rig.proxy.acceptAndStaySilent();
        List<CompletableFuture<Reply>> large = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            large.add(rig.client.submit(
                    Command.set("large" + i, new byte[1_000_000]).expire(60)));
        }
        Caller caller = caller(threads, Command.set("new", new byte[1]).expire(60));
        await().atMost(Rig.PATIENCE).until(() -> rig.node.stats().inFlight() == 13);
        isInterrupted(caller, Fate.NOT_SENT);
        rig.proxy.heal();
        for (CompletableFuture<Reply> one : large) {
            Rig.result(one);
        }
        rig.awaitIdle();
        assertThat(rig.node.stats().connections()).isEqualTo(1);
        assertThat(server.get("new")).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("threads")
    void whoComesInterruptedSendsNothing(Threads threads) throws Exception {
        int times = 1_000;
        Queue<Fate> fates = new ConcurrentLinkedQueue<>();
        Thread thread = threads.factory.newThread(() -> {
            for (int i = 0; i < times; i++) {
                // Keeps the sender awake, so that it would be quick to send what follows.
                CompletableFuture<Reply> awake =
                        rig.client.submit(Command.get("k").value());
                Thread.currentThread().interrupt();
                fates.add(rig.fateOf(Command.delete("k")));
                Thread.interrupted();
                awake.join();
            }
        });
        thread.start();
        thread.join();
        assertThat(fates).hasSize(times).containsOnly(Fate.NOT_SENT);
        assertThat(server.get("k")).isPresent();
    }

    /** Its place is kept until the deadline only; what nobody answers by then ends the connection, as ever. */
    @Test
    void anInterruptedCallersCommandThatIsNeverAnsweredLeavesNoPlaceBehind() throws Exception {
        rig.close();
        rig = Rig.before(server, settings -> settings.timeout(Duration.ofSeconds(5)));
        rig.proxy.dropReplies();
        rig.proxy.resetCounters();
        Caller caller =
                caller(new Threads("platform", Thread::new), Command.get("k").value());
        await().atMost(Rig.PATIENCE).until(() -> rig.proxy.requests().size() == 1);
        isInterrupted(caller, Fate.UNKNOWN);
        assertThat(rig.node.stats().inFlight()).isEqualTo(1);
        rig.awaitIdle();
        rig.proxy.heal();
        rig.awaitHealth();
        assertThat(rig.node.stats().connections()).isEqualTo(2);
    }

    @Test
    void aFutureThatIsCancelledLeavesItsCommandToItsReply() {
        rig.proxy.delay(Duration.ofMillis(100));
        CompletableFuture<Reply> cancelled = rig.client.submit(Command.get("k").value());
        assertThat(cancelled.cancel(true)).isTrue();
        assertThat(rig.client.execute(Command.get("k").value()).value())
                .asString(UTF_8)
                .isEqualTo("value");
        rig.awaitIdle();
        assertThat(rig.node.stats().connections()).isEqualTo(1);
    }
}
