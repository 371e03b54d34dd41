package dev.coatcheck.memcached;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.memcached.MemcachedException.Fate;
import dev.coatcheck.test.FaultProxy;
import dev.coatcheck.test.MemcachedServer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A client with one connection to a server, and a proxy in between. */
final class Rig implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Longer than the default, for machines that are busy with more than this. */
    static final Duration TIMEOUT = Duration.ofMillis(1_500);

    final FaultProxy proxy;
    final MemcachedClient client;
    final MemcachedNode node;
    final Queue<NodeEvent.Kind> events = new ConcurrentLinkedQueue<>();

    private Rig(FaultProxy proxy, UnaryOperator<MemcachedClient.Builder> settings) {
        this.proxy = proxy;
        client = settings.apply(MemcachedClient.builder()
                        .node("mc", proxy.address())
                        .connections(1)
                        .timeout(TIMEOUT)
                        .listener(event -> events.add(event.kind())))
                .build();
        node = client.nodes().get(0);
    }

    /** The server answers the client when this returns. */
    static Rig before(MemcachedServer server, UnaryOperator<MemcachedClient.Builder> settings) {
        Rig rig = new Rig(FaultProxy.before(server), settings);
        rig.awaitUp();
        return rig;
    }

    static Rig before(MemcachedServer server) {
        return before(server, settings -> settings);
    }

    void awaitUp() {
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(node::isUp);
    }

    void awaitDown() {
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> !node.isUp());
    }

    /** All is well again: a new connection is there, commands work, and nothing holds a place. */
    void awaitHealth() {
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .ignoreExceptions()
                .untilAsserted(() -> {
                    client.execute(Command.set("health", "good".getBytes(UTF_8)).expire(60));
                    assertThat(client.execute(Command.get("health").value()).value())
                            .asString(UTF_8)
                            .isEqualTo("good");
                });
        awaitIdle();
    }

    /** These and no others are told, though the last one perhaps in a moment. */
    void awaitEvents(NodeEvent.Kind... told) {
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .untilAsserted(() -> assertThat(events).containsExactly(told));
    }

    void awaitIdle() {
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .until(() -> node.stats().inFlight() == 0);
    }

    static Fate fateOf(ThrowingCallable call) {
        MemcachedException failure = catchThrowableOfType(MemcachedException.class, call);
        assertThat(failure).as("a MemcachedException").isNotNull();
        return failure.fate();
    }

    Fate fateOf(Command command) {
        return fateOf(() -> client.execute(command));
    }

    static Fate fateOf(CompletableFuture<Reply> reply) {
        return fateOf(() -> result(reply));
    }

    /** What came of it; the test fails when nothing did. */
    static Reply result(CompletableFuture<Reply> reply) throws InterruptedException, TimeoutException {
        try {
            return reply.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof MemcachedException cause) {
                throw cause;
            }
            throw new AssertionError("A failure of another type", e.getCause());
        }
    }

    /** The client's threads that are there now. */
    static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("memcached "))
                .sorted()
                .toList();
    }

    @Override
    public void close() {
        client.close();
        proxy.close();
    }
}
