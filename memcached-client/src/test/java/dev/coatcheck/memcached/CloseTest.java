package dev.coatcheck.memcached;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.memcached.MemcachedException.Fate;
import dev.coatcheck.test.FaultProxy;
import dev.coatcheck.test.MemcachedServer;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A closed client leaves nothing behind. The threads of clients in other tests end too, which is waited for. */
class CloseTest {
    private static void threadsEnd() {
        await().atMost(Rig.PATIENCE)
                .untilAsserted(() -> assertThat(Rig.threads()).isEmpty());
    }

    @Test
    void whatIsOnItsWayFailsAndThreadsAndSocketsEnd() {
        threadsEnd();
        try (MemcachedServer server = MemcachedServer.start()) {
            long own = connections(server);
            Rig rig = Rig.before(server, settings -> settings.connections(4).timeout(Duration.ofSeconds(30)));
            await().atMost(Rig.PATIENCE).until(() -> rig.node.stats().connections() == 4);
            assertThat(Rig.threads()).hasSize(9);
            rig.proxy.dropReplies();
            List<CompletableFuture<Reply>> replies = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                replies.add(rig.client.submit(Command.get("k" + i)));
            }
            await().atMost(Rig.PATIENCE)
                    .until(() -> rig.proxy.requests().stream().anyMatch(line -> line.startsWith("mg k")));
            rig.client.close();
            assertThat(replies.stream().map(Rig::fateOf))
                    .isSubsetOf(Fate.UNKNOWN, Fate.NOT_SENT)
                    .contains(Fate.UNKNOWN);
            assertThat(rig.fateOf(Command.get("k"))).isEqualTo(Fate.NOT_SENT);
            assertThat(Rig.fateOf(rig.client.submit(Command.get("k")))).isEqualTo(Fate.NOT_SENT);
            threadsEnd();
            assertThat(rig.node.stats().inFlight()).isZero();
            assertThat(rig.node.isUp()).isFalse();
            rig.client.close();
            await().atMost(Rig.PATIENCE).until(() -> rig.proxy.openConnections() == 0);
            await().atMost(Rig.PATIENCE).until(() -> connections(server) <= own);
            assertThat(rig.events).containsExactly(NodeEvent.Kind.UP);
            rig.close();
        }
    }

    /** Those that it listens on and the one that asks are counted too. */
    private static long connections(MemcachedServer server) {
        return Long.parseLong(server.stats().get("curr_connections"));
    }

    @Test
    void idle() {
        threadsEnd();
        try (MemcachedServer server = MemcachedServer.start()) {
            Rig rig = Rig.before(server);
            rig.client.close();
            threadsEnd();
            rig.close();
        }
    }

    @Test
    void whileNobodyAnswersTheConnection() {
        threadsEnd();
        try (FaultProxy proxy = FaultProxy.before("127.0.0.1", 1)) {
            proxy.acceptAndStaySilent();
            MemcachedClient client = MemcachedClient.builder()
                    .node(proxy.address())
                    .timeout(Duration.ofSeconds(30))
                    .build();
            CompletableFuture<Reply> waiting = client.submit(Command.get("k"));
            await().atMost(Rig.PATIENCE).until(() -> proxy.connections() >= 2);
            client.close();
            assertThat(Rig.fateOf(waiting)).isEqualTo(Fate.NOT_SENT);
            threadsEnd();
            await().atMost(Rig.PATIENCE).until(() -> proxy.openConnections() == 0);
        }
    }

    /** What a frozen server does on a socket of the file system: it lets connecting wait, which no peer ends. */
    @Test
    void whileASocketOfTheFileSystemTakesNoMoreConnections(@TempDir Path folder) throws Exception {
        threadsEnd();
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("full.sock"));
        try (ServerSocketChannel full = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            full.bind(address, 1);
            try (SocketChannel first = SocketChannel.open(address);
                    SocketChannel second = SocketChannel.open(address);
                    MemcachedClient client = MemcachedClient.builder()
                            .node("unix:" + address.getPath())
                            .build()) {
                assertThat(first.isConnected() && second.isConnected()).isTrue();
                assertThatThrownBy(() -> client.nodes().get(0).firstContact().get(30, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .hasMessageContaining("it takes no connection within a second");
            }
            threadsEnd();
        }
    }

    @Test
    void whileItIsAway() {
        threadsEnd();
        MemcachedClient client = MemcachedClient.builder()
                .node("127.0.0.1:1")
                .node("127.0.0.2:1")
                .build();
        MemcachedNode node = client.nodes().get(0);
        await().atMost(Rig.PATIENCE).until(() -> node.firstContact().isCompletedExceptionally());
        client.close();
        threadsEnd();
        assertThat(client)
                .hasToString("MemcachedClient[MemcachedNode[127.0.0.1:1, away], MemcachedNode[127.0.0.2:1, away]]");
    }

    @Test
    void atOnceAfterTheOpening() {
        threadsEnd();
        try (MemcachedServer server = MemcachedServer.start()) {
            long own = connections(server);
            for (int i = 0; i < 100; i++) {
                MemcachedClient.builder().node(server.address()).build().close();
            }
            threadsEnd();
            await().atMost(Rig.PATIENCE).until(() -> connections(server) <= own);
        }
    }
}
