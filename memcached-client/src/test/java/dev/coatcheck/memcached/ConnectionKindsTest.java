package dev.coatcheck.memcached;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.memcached.Reply.Status;
import dev.coatcheck.test.FaultProxy;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS, signing in, other kinds of address; and both sides set to different things. */
class ConnectionKindsTest {
    @TempDir
    private static Path folder;

    private static TestCertificate certificate;

    @BeforeAll
    static void make() {
        certificate = TestCertificate.make(folder, "ip:127.0.0.1");
    }

    private static MemcachedClient client(String address, UnaryOperator<MemcachedClient.Builder> settings) {
        return settings.apply(MemcachedClient.builder().node(address).timeout(Duration.ofSeconds(3)))
                .build();
    }

    /** A busy machine's first handshakes may take longer than the second that each is given. */
    private static void awaitAnswer(MemcachedClient client) {
        await().atMost(Rig.PATIENCE)
                .pollDelay(Duration.ZERO)
                .ignoreExceptions()
                .until(() -> client.execute(Command.get("none")).status() == Status.ABSENT);
    }

    private static void works(String address, UnaryOperator<MemcachedClient.Builder> settings) throws Exception {
        try (MemcachedClient client = client(address, settings)) {
            awaitAnswer(client);
            byte[] large = new byte[900_000];
            large[899_999] = 1;
            assertThat(client.execute(Command.set("k", large).expire(60)).status())
                    .isEqualTo(Status.DONE);
            assertThat(client.execute(Command.get("k").value()).value()).isEqualTo(large);
            assertThat(client.nodes()
                            .get(0)
                            .serverStats("k", Duration.ofSeconds(5))
                            .get(10, TimeUnit.SECONDS)
                            .items())
                    .isOne();
        }
    }

    private static void isUnfit(String address, UnaryOperator<MemcachedClient.Builder> settings, String... said) {
        await().atMost(Rig.PATIENCE)
                .pollDelay(Duration.ZERO)
                .untilAsserted(() -> isFoundUnfit(address, settings, said));
    }

    private static void isFoundUnfit(String address, UnaryOperator<MemcachedClient.Builder> settings, String... said) {
        try (MemcachedClient client = client(address, settings)) {
            MemcachedNode node = client.nodes().get(0);
            assertThatThrownBy(() -> node.firstContact().get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(UnfitServerException.class)
                    .satisfies(e -> assertThat(e.getMessage()).contains(said).doesNotContain("geheim"));
            assertThat(node.isUp()).isFalse();
            assertThat(Rig.fateOf(() -> client.execute(Command.get("k")))).isEqualTo(MemcachedException.Fate.NOT_SENT);
        }
    }

    @Test
    void tls() throws Exception {
        try (MemcachedServer server = MemcachedServer.start(certificate.memcachedOptions())) {
            works(server.address(), builder -> builder.tls(certificate.trusting()));
        }
    }

    @Test
    void tlsThatIsCutIsMadeAnew() throws Exception {
        try (MemcachedServer server = MemcachedServer.start(certificate.memcachedOptions());
                FaultProxy proxy = FaultProxy.before(server);
                MemcachedClient client = client(
                        proxy.address(),
                        builder -> builder.tls(certificate.trusting()).connections(1))) {
            awaitAnswer(client);
            client.execute(Command.set("k", new byte[1]).expire(60));
            proxy.cutAfter(10);
            assertThat(Rig.fateOf(() -> client.execute(Command.get("k")))).isEqualTo(MemcachedException.Fate.UNKNOWN);
            await().atMost(Rig.PATIENCE)
                    .ignoreExceptions()
                    .until(() -> client.execute(Command.get("k")).status() == Status.DONE);
            proxy.garble(1);
            assertThat(Rig.fateOf(() -> client.execute(Command.get("k")))).isEqualTo(MemcachedException.Fate.UNKNOWN);
        }
    }

    @Test
    void tlsWithAnotherHostsCertificate(@TempDir Path other) throws Exception {
        TestCertificate others = TestCertificate.make(other, "dns:elsewhere.example");
        try (MemcachedServer server = MemcachedServer.start(others.memcachedOptions())) {
            isUnfit(server.address(), builder -> builder.tls(others.trusting()), "TLS: ", "127.0.0.1");
        }
    }

    @Test
    void tlsWithACertificateThatIsNotTrusted() throws Exception {
        SSLContext publicOnes = SSLContext.getDefault();
        try (MemcachedServer server = MemcachedServer.start(certificate.memcachedOptions())) {
            isUnfit(server.address(), builder -> builder.tls(publicOnes), "TLS: ", "certification path");
        }
    }

    @Test
    void tlsOfTheServerAlone() {
        try (MemcachedServer server = MemcachedServer.start(certificate.memcachedOptions())) {
            isUnfit(server.address(), builder -> builder, "It speaks TLS, which is not set");
        }
    }

    /** Several tries, since it depends on the random bytes of the handshake what memcached says to it. */
    @Test
    void tlsOfTheClientAlone() {
        try (MemcachedServer server = MemcachedServer.start()) {
            for (int i = 0; i < 4; i++) {
                isUnfit(
                        server.address(),
                        builder -> builder.tls(certificate.trusting()).connections(1),
                        "It does not speak TLS, which is set");
            }
        }
    }

    @Test
    void aServerThatIsFrozenIsNotTakenForOneWithoutTls() {
        try (MemcachedServer server = MemcachedServer.start(certificate.memcachedOptions())) {
            server.freeze();
            try (MemcachedClient client = client(server.address(), builder -> builder.tls(certificate.trusting()))) {
                assertThatThrownBy(() -> client.nodes().get(0).firstContact().get(30, TimeUnit.SECONDS))
                        .cause()
                        .isInstanceOf(MemcachedException.class);
                server.thaw();
                await().atMost(Rig.PATIENCE).until(client.nodes().get(0)::isUp);
            }
        }
    }

    @Test
    void aServerThatHangsUpIsNotTakenForOneWithTls() {
        try (FaultProxy proxy = FaultProxy.before("127.0.0.1", 1);
                MemcachedClient client = client(proxy.address(), builder -> builder)) {
            assertThatThrownBy(() -> client.nodes().get(0).firstContact().get(30, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(MemcachedException.class)
                    .hasMessageContaining("is away");
        }
    }

    private static String users() throws IOException {
        Path users = Files.writeString(folder.resolve("users"), "somebody:geheim\nother:word\n");
        return users.toString();
    }

    @Test
    void signingIn() throws Exception {
        try (MemcachedServer server = MemcachedServer.start("-Y", users())) {
            works(server.address(), builder -> builder.credentials("somebody", "geheim"));
            works(server.address(), builder -> builder.credentials("other", "word"));
        }
    }

    @Test
    void signingInWithTls() throws Exception {
        String[] options = certificate.memcachedOptions();
        try (MemcachedServer server = MemcachedServer.start(options[0], options[1], options[2], "-Y", users())) {
            works(
                    server.address(),
                    builder -> builder.credentials("somebody", "geheim").tls(certificate.trusting()));
        }
    }

    /** Under the key of the old question: a memcached answers it like a configuration endpoint then. */
    private static void listItself(MemcachedServer server) {
        byte[] list = ("1\n127.0.0.1||" + server.port() + "\n").getBytes(UTF_8);
        server.put("AmazonElastiCache:cluster", list, Duration.ofMinutes(5));
    }

    @Test
    void aClusterIsAskedForItsListOverTls() {
        try (MemcachedServer server = MemcachedServer.start(certificate.memcachedOptions())) {
            listItself(server);
            MemcachedClient.Builder builder =
                    MemcachedClient.builder().cluster(server.address()).tls(certificate.trusting());
            await().atMost(Rig.PATIENCE).ignoreExceptions().until(() -> {
                try (MemcachedClient client = builder.build()) {
                    return client.nodes().get(0).name().equals(server.address());
                }
            });
        }
    }

    @Test
    void aClusterIsAskedForItsListWithThePassword() throws Exception {
        try (MemcachedServer server = MemcachedServer.start("-Y", users())) {
            listItself(server);
            MemcachedClient.Builder builder = MemcachedClient.builder().cluster(server.address());
            assertThatThrownBy(builder::build)
                    .isInstanceOf(MemcachedException.class)
                    .hasMessageContaining("asks for a user name and password, and none is set");
            builder.credentials("somebody", "geheim2");
            assertThatThrownBy(builder::build)
                    .isInstanceOf(MemcachedException.class)
                    .hasMessageContaining("refuses the user name or password")
                    .hasMessageNotContaining("geheim2");
            builder.credentials("somebody", "geheim");
            try (MemcachedClient client = builder.build()) {
                assertThat(client.nodes().get(0).name()).isEqualTo(server.address());
            }
        }
    }

    @Test
    void aWrongPassword() throws Exception {
        try (MemcachedServer server = MemcachedServer.start("-Y", users())) {
            isUnfit(
                    server.address(),
                    builder -> builder.credentials("somebody", "geheim2"),
                    "refuses the user name or password");
        }
    }

    @Test
    void noPasswordWhereOneIsNeeded() throws Exception {
        try (MemcachedServer server = MemcachedServer.start("-Y", users())) {
            isUnfit(server.address(), builder -> builder, "asks for a user name and password, and none is set");
        }
    }

    /** Such a server would store the password like any value, for everybody to read. */
    @Test
    void aPasswordWhereNoneIsAskedForIsNotSent() {
        try (MemcachedServer server = MemcachedServer.start();
                FaultProxy proxy = FaultProxy.before(server)) {
            isUnfit(
                    proxy.address(),
                    builder -> builder.credentials("somebody", "geheim").connections(1),
                    "asks for no user name and password, though they are set");
            assertThat(proxy.requests()).isNotEmpty().containsOnly("version");
            assertThat(server.dump()).isEmpty();
        }
    }

    @Test
    void aSocketOfTheFileSystem() throws Exception {
        Path socket = folder.resolve("m.sock");
        try (MemcachedServer server = MemcachedServer.startOnUnixSocket(socket);
                MemcachedClient client = client("unix:" + socket, builder -> builder.connections(1))) {
            assertThat(client.execute(Command.set("k", "value".getBytes(UTF_8)).expire(60))
                            .status())
                    .isEqualTo(Status.DONE);
            assertThat(client.execute(Command.get("k").value()).value())
                    .asString(UTF_8)
                    .isEqualTo("value");
            server.freeze();
            assertThat(Rig.fateOf(() -> client.execute(Command.set("k", new byte[1_000_000]))))
                    .isEqualTo(MemcachedException.Fate.UNKNOWN);
            await().atMost(Rig.PATIENCE).until(() -> !client.nodes().get(0).isUp());
            server.thaw();
            await().atMost(Rig.PATIENCE).until(client.nodes().get(0)::isUp);
        }
        try (MemcachedClient client = client("unix:" + folder.resolve("none.sock"), builder -> builder)) {
            assertThat(Rig.fateOf(() -> client.execute(Command.get("k")))).isEqualTo(MemcachedException.Fate.NOT_SENT);
        }
    }

    /** By the system's own word, in which a timer of kind 2 is that of the next question, in hundredths of a second. */
    @Test
    void aPeerThatIsStillIsAskedForASignOfLifeWithinSeconds() throws Exception {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = Rig.before(server)) {
            rig.awaitHealth();
            String remote = String.format(":%04X", rig.proxy.port());
            List<Long> due = new ArrayList<>();
            await().atMost(Rig.PATIENCE).until(() -> {
                due.clear();
                for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
                    for (String line : Files.readAllLines(Path.of(table))) {
                        String[] fields = line.trim().split("\\s+");
                        if (fields[2].endsWith(remote) && fields[3].equals("01") && fields[5].startsWith("02:")) {
                            due.add(Long.parseLong(fields[5].substring(3), 16));
                        }
                    }
                }
                return !due.isEmpty();
            });
            assertThat(due).allMatch(hundredths -> hundredths <= 200);
        }
    }

    @Test
    void ipv6() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getAllByName("::1")[0])) {
            port = free.getLocalPort();
        }
        try (MemcachedServer server = MemcachedServer.start("-l", "[::1]:" + port)) {
            assertThat(server.isRunning()).isTrue();
            works("[::1]:" + port, builder -> builder);
        }
    }
}
