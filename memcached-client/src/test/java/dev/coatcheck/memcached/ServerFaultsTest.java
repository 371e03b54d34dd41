package dev.coatcheck.memcached;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.memcached.MemcachedException.Fate;
import dev.coatcheck.memcached.NodeEvent.Kind;
import dev.coatcheck.memcached.Reply.Status;
import dev.coatcheck.test.FaultProxy;
import dev.coatcheck.test.MemcachedServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What can become of the server: frozen, killed, started anew, another one, full. */
class ServerFaultsTest {
    private static Command set(String key) {
        return Command.set(key, "value".getBytes(UTF_8)).cas().expire(60);
    }

    @Test
    void frozenTheFirstCallersWaitAndTheLaterOnesDoNot() {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = Rig.before(server)) {
            rig.client.execute(set("k"));
            server.freeze();
            assertThat(rig.fateOf(Command.get("k"))).isEqualTo(Fate.UNKNOWN);
            rig.awaitDown();
            NodeStats before = rig.node.stats();
            long start = System.nanoTime();
            for (int i = 0; i < 200; i++) {
                assertThat(rig.fateOf(Command.get("k"))).isEqualTo(Fate.NOT_SENT);
            }
            // Were every tenth of them to wait, it would be as long.
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Rig.PATIENCE);
            assertThat(rig.node.stats())
                    .returns(1L, NodeStats::timeouts)
                    .returns(before.notSent() + 200, NodeStats::notSent)
                    .returns(false, NodeStats::up)
                    .returns(0, NodeStats::inFlight);
            server.thaw();
            rig.awaitUp();
            rig.awaitHealth();
            rig.awaitEvents(Kind.UP, Kind.DOWN, Kind.UP);
        }
    }

    /** A timeout on one connection is enough to know of the other one, though that is open. */
    @Test
    void frozenNoConnectionIsUsedAnyMore() {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = Rig.before(server, settings -> settings.connections(2))) {
            await().atMost(Rig.PATIENCE).until(() -> rig.node.stats().connections() == 2);
            server.freeze();
            assertThat(rig.fateOf(Command.get("k"))).isEqualTo(Fate.UNKNOWN);
            rig.awaitDown();
            for (int i = 0; i < 50; i++) {
                assertThat(rig.fateOf(Command.get("k" + i))).isEqualTo(Fate.NOT_SENT);
            }
            assertThat(rig.node.stats().timeouts()).isEqualTo(1);
            server.thaw();
            rig.awaitUp();
            rig.awaitHealth();
        }
    }

    /** A freeze that lasts over several tries to connect: each is accepted by the system, and none of them counts. */
    @Test
    void frozenForLongItStaysAwayAndComesBackByItself() {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = Rig.before(server)) {
            server.freeze();
            assertThat(rig.fateOf(Command.get("k"))).isEqualTo(Fate.UNKNOWN);
            long connections = rig.proxy.connections();
            await().atMost(Rig.PATIENCE).until(() -> rig.proxy.connections() >= connections + 3);
            assertThat(rig.node.isUp()).isFalse();
            server.thaw();
            rig.awaitUp();
            rig.awaitHealth();
        }
    }

    @Test
    void frozenManyCallersHoldNoMoreThanTheBoundedPlaces() throws InterruptedException {
        int places = 16;
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = Rig.before(server, settings -> settings.maxOperations(places))) {
            server.freeze();
            AtomicInteger most = new AtomicInteger();
            AtomicInteger reachedNoServer = new AtomicInteger();
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                String key = "k" + i;
                Thread caller = new Thread(() -> {
                    for (int n = 0; n < 20; n++) {
                        Rig.fateOf(() -> rig.client.execute(set(key)));
                        reachedNoServer.incrementAndGet();
                        most.accumulateAndGet(rig.node.stats().inFlight(), Math::max);
                    }
                });
                callers.add(caller);
                caller.start();
            }
            for (Thread caller : callers) {
                caller.join();
            }
            assertThat(reachedNoServer).hasValue(64 * 20);
            // A caller that finds no place is counted for the moment of looking.
            assertThat(most.get()).isLessThanOrEqualTo(places + 64);
            assertThat(rig.node.stats().timeouts()).isBetween(1L, (long) places);
            server.thaw();
            rig.awaitUp();
            rig.awaitHealth();
        }
    }

    @Test
    void killedAndRestartedEmpty() {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = Rig.before(server)) {
            Reply stored = rig.client.execute(set("k"));
            assertThat(rig.node.steadyFor()).isGreaterThan(Duration.ofDays(1));
            server.kill();
            rig.awaitDown();
            assertThat(rig.fateOf(Command.get("k"))).isEqualTo(Fate.NOT_SENT);
            server.restart();
            rig.awaitHealth();
            rig.awaitEvents(Kind.UP, Kind.DOWN, Kind.RESTARTED, Kind.UP);
            assertThat(rig.node.steadyFor()).isLessThan(Duration.ofMinutes(1));
            assertThat(rig.client.execute(Command.get("k")).status()).isEqualTo(Status.ABSENT);
            Command late = set("k").ifCas(stored.cas());
            assertThat(rig.fateOf(late.onlyOn(stored.server()))).isEqualTo(Fate.OTHER_SERVER);
            assertThat(rig.client.execute(set("k")).server()).isNotEqualTo(stored.server());
            rig.awaitIdle();
        }
    }

    @Test
    void startedAfterTheClient() {
        MemcachedServer first = MemcachedServer.start();
        int port = first.port();
        first.close();
        try (FaultProxy proxy = FaultProxy.before("127.0.0.1", port);
                MemcachedClient client =
                        MemcachedClient.builder().node(proxy.address()).build()) {
            MemcachedNode node = client.nodes().get(0);
            await().atMost(Rig.PATIENCE).until(() -> node.firstContact().isCompletedExceptionally());
            assertThat(node.server()).isNull();
            assertThat(Rig.fateOf(() -> client.execute(set("k")))).isEqualTo(Fate.NOT_SENT);
            try (MemcachedServer server = MemcachedServer.startAt(port)) {
                await().atMost(Rig.PATIENCE)
                        .ignoreExceptions()
                        .until(() -> client.execute(set("k")).status() == Status.DONE);
                assertThat(Objects.requireNonNull(node.server()).identity().pid())
                        .isEqualTo(server.pid());
            }
        }
    }

    @Test
    void twoConnectionsToAnotherProcessAreOneRestart() {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = Rig.before(server, settings -> settings.connections(2))) {
            await().atMost(Rig.PATIENCE).until(() -> rig.node.stats().connections() == 2);
            server.kill();
            rig.awaitDown();
            server.restart();
            // A connection tells of a restart before it is used, so that after answers on both there is none to come.
            for (int i = 0; i < 20; i++) {
                Command get = Command.get("k" + i);
                await().atMost(Rig.PATIENCE)
                        .pollDelay(Duration.ZERO)
                        .ignoreExceptions()
                        .until(() -> rig.client.execute(get).status() == Status.ABSENT);
            }
            assertThat(rig.node.stats().connections()).as("both anew").isGreaterThanOrEqualTo(4);
            // The second connection may tell that the node is up before the first one tells why it is another one.
            await().atMost(Rig.PATIENCE)
                    .untilAsserted(() -> assertThat(rig.events)
                            .containsExactlyInAnyOrder(Kind.UP, Kind.DOWN, Kind.RESTARTED, Kind.UP));
        }
    }

    /** Lets so many connections through to a server at once, and later ones when it is opened. */
    private static final class Gate implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final List<Socket> sockets = new CopyOnWriteArrayList<>();
        private final CountDownLatch open = new CountDownLatch(1);

        Gate(MemcachedServer server, int first) throws IOException {
            daemon(() -> {
                for (int number = 0; ; number++) {
                    if (number == first) {
                        open.await();
                    }
                    Socket client = listener.accept();
                    Socket behind = new Socket(server.host(), server.port());
                    sockets.add(client);
                    daemon(() -> pass(client, behind));
                    daemon(() -> pass(behind, client));
                }
            });
        }

        private interface Work {
            void run() throws IOException, InterruptedException;
        }

        private static void daemon(Work work) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            work.run();
                        } catch (IOException | InterruptedException over) {
                            // One end has closed, or the test is over.
                        }
                    },
                    "gate");
            thread.setDaemon(true);
            thread.start();
        }

        private static void pass(Socket from, Socket to) throws IOException {
            try (from;
                    to) {
                from.getInputStream().transferTo(to.getOutputStream());
            }
        }

        String address() {
            return "127.0.0.1:" + listener.getLocalPort();
        }

        void cut(int number) throws IOException {
            sockets.get(number).close();
        }

        @Override
        public void close() throws IOException {
            open.countDown();
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void ofTwoConnectionsOneIsMadeAnewWhileTheOthersKeysGoOn() throws Exception {
        try (MemcachedServer server = MemcachedServer.start();
                Gate gate = new Gate(server, 2);
                MemcachedClient client = MemcachedClient.builder()
                        .node("mc", gate.address())
                        .connections(2)
                        .timeout(Rig.TIMEOUT)
                        .build()) {
            MemcachedNode node = client.nodes().get(0);
            await().atMost(Rig.PATIENCE).until(() -> node.stats().connections() == 2);
            List<String> keys = IntStream.range(0, 20).mapToObj(i -> "k" + i).toList();
            gate.cut(0);
            await().atMost(Rig.PATIENCE)
                    .untilAsserted(() -> assertThat(answered(client, keys)).hasSizeBetween(1, keys.size() - 1));
            List<String> goOn = answered(client, keys);
            assertThat(goOn).extracting(key -> KeyHash.of(key) & 1).containsOnly(KeyHash.of(goOn.get(0)) & 1);
            assertThat(node.isUp()).isTrue();
            for (int i = 0; i < 10; i++) {
                assertThat(answered(client, goOn)).isEqualTo(goOn);
            }
            gate.open.countDown();
            await().atMost(Rig.PATIENCE)
                    .untilAsserted(() -> assertThat(answered(client, keys)).isEqualTo(keys));
            assertThat(node.stats().connections())
                    .as("the other one was not made anew")
                    .isEqualTo(3);
        }
    }

    private static List<String> answered(MemcachedClient client, List<String> keys) {
        List<CompletableFuture<Reply>> replies =
                keys.stream().map(key -> client.submit(Command.get(key))).toList();
        List<String> answered = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            boolean failed =
                    replies.get(i).handle((reply, failure) -> failure != null).join();
            if (!failed) {
                answered.add(keys.get(i));
            }
        }
        return answered;
    }

    @Test
    void aFutureFailsWithTheFateItselfWhereverItFails() throws Exception {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = Rig.before(server)) {
            rig.proxy.dropReplies();
            Function<Throwable, Fate> fate = failure -> ((MemcachedException) failure).fate();
            CompletableFuture<Fate> onItsWay =
                    rig.client.submit(Command.get("k")).handle((reply, e) -> fate.apply(e));
            assertThat(onItsWay.get(30, TimeUnit.SECONDS)).isEqualTo(Fate.UNKNOWN);
            rig.proxy.refuse();
            rig.awaitDown();
            CompletableFuture<Fate> away = rig.client.submit(Command.get("k")).handle((reply, e) -> fate.apply(e));
            assertThat(away.get(30, TimeUnit.SECONDS)).isEqualTo(Fate.NOT_SENT);
        }
    }

    @Test
    void aListenerThatFailsStopsNothing() {
        for (Throwable fault : List.of(new IllegalStateException("its own fault"), new NoClassDefFoundError("Gone"))) {
            try (MemcachedServer server = MemcachedServer.start();
                    Rig rig = Rig.before(
                            server, settings -> settings.connections(1).listener(event -> throwIt(fault)))) {
                server.kill();
                rig.awaitDown();
                server.restart();
                rig.awaitHealth();
            }
        }
    }

    private static void throwIt(Throwable fault) {
        if (fault instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) fault;
    }

    @Test
    void theLastEventIsWhatIsTrueWhicheverThreadTellsIt() throws Exception {
        AtomicReference<Kind> last = new AtomicReference<>();
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = Rig.before(
                        server, settings -> settings.connections(1).listener(event -> last.set(event.kind())))) {
            ServerInfo info = rig.node.firstContact().get();
            await().atMost(Rig.PATIENCE)
                    .until(() -> last.get() == Kind.UP && rig.node.stats().connections() == 1);
            CyclicBarrier both = new CyclicBarrier(2);
            for (int i = 0; i < 5_000; i++) {
                CompletableFuture<Void> goes = CompletableFuture.runAsync(() -> {
                    meet(both);
                    rig.node.silent();
                });
                meet(both);
                rig.node.answered(info);
                rig.node.judge("it answers");
                goes.join();
                assertThat(last.get() == Kind.UP).as("round %d", i).isEqualTo(rig.node.isUp());
            }
        }
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void fullWithoutEvictionsTheRefusedOnesAreTold() throws Exception {
        try (MemcachedServer server = MemcachedServer.start("-M", "-m", "2");
                Rig rig = Rig.before(server)) {
            assertThat(rig.node.firstContact().get().evicts()).isFalse();
            server.put("there", "value".getBytes(UTF_8), Duration.ofMinutes(1));
            server.fill(50_000);
            Command big = Command.set("big", new byte[50_000]).expire(60);
            assertThat(rig.fateOf(big)).isEqualTo(Fate.REFUSED);
            List<CompletableFuture<Reply>> replies = IntStream.range(0, 200)
                    .mapToObj(i -> rig.client.submit(
                            i % 3 == 0 ? big : Command.get("there").value()))
                    .toList();
            int refused = 0;
            for (int i = 0; i < replies.size(); i++) {
                if (i % 3 == 0) {
                    assertThat(Rig.fateOf(replies.get(i))).isEqualTo(Fate.REFUSED);
                    refused++;
                } else {
                    assertThat(Rig.result(replies.get(i)).value())
                            .asString(UTF_8)
                            .isEqualTo("value");
                }
            }
            long all = refused + 1L;
            // A caller may have its answer before the counters have it.
            await().atMost(Rig.PATIENCE)
                    .untilAsserted(() -> assertThat(rig.node.stats())
                            .returns(1L, NodeStats::connections)
                            .returns(all, NodeStats::refused)
                            .returns(0, NodeStats::inFlight));
        }
    }

    @Test
    void anItemTooLargeForTheServerIsRefused() throws Exception {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = Rig.before(server)) {
            assertThat(rig.node.firstContact().get())
                    .returns(1L << 20, ServerInfo::maxItemBytes)
                    .returns(true, ServerInfo::evicts)
                    .returns("1.6", info -> info.version().substring(0, 3));
            assertThat(rig.fateOf(Command.set("k", new byte[1 << 20]))).isEqualTo(Fate.REFUSED);
            assertThat(rig.client
                            .execute(Command.set("k", new byte[1_000_000]).expire(60))
                            .status())
                    .isEqualTo(Status.DONE);
            assertThat(rig.client.execute(Command.get("k").value()).value()).hasSize(1_000_000);
            assertThat(rig.node.stats().connections()).isEqualTo(1);
        }
    }

    @Test
    void aValueLargerThanIsReadEndsTheConnection() {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = Rig.before(server, settings -> settings.maxValueBytes(1_000))) {
            server.put("k", new byte[1_001], Duration.ofMinutes(1));
            server.put("l", new byte[1_000], Duration.ofMinutes(1));
            assertThat(rig.fateOf(Command.get("k").value())).isEqualTo(Fate.UNKNOWN);
            rig.awaitHealth();
            assertThat(rig.client.execute(Command.get("l").value()).value()).hasSize(1_000);
        }
    }

    @Test
    void whatIsOnItsWayIsBoundedInNumberAndBytes() throws Exception {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = Rig.before(
                        server,
                        settings ->
                                settings.timeout(Rig.PATIENCE).maxOperations(10).maxBytesInFlight(10_000))) {
            assertThat(Rig.fateOf(rig.client.submit(Command.set("k", new byte[10_000]))))
                    .isEqualTo(Fate.NOT_SENT);
            rig.proxy.acceptAndStaySilent();
            List<CompletableFuture<Reply>> sets = IntStream.range(0, 5)
                    .mapToObj(i -> rig.client.submit(Command.set("k" + i, new byte[3_000])))
                    .toList();
            assertThat(sets.subList(3, 5).stream().map(Rig::fateOf)).containsOnly(Fate.NOT_SENT);
            List<CompletableFuture<Reply>> gets = IntStream.range(0, 9)
                    .mapToObj(i -> rig.client.submit(Command.get("k")))
                    .toList();
            assertThat(rig.node.stats().inFlight()).isEqualTo(10);
            assertThat(gets.subList(7, 9).stream().map(Rig::fateOf)).containsOnly(Fate.NOT_SENT);
            rig.proxy.heal();
            for (CompletableFuture<Reply> set : sets.subList(0, 3)) {
                assertThat(Rig.result(set).status()).isEqualTo(Status.DONE);
            }
            rig.awaitIdle();
            assertThat(rig.client.execute(Command.get("k")).status()).isEqualTo(Status.ABSENT);
        }
    }
}
