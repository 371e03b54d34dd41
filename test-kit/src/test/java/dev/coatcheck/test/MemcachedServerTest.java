package dev.coatcheck.test;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemcachedServerTest {
    private static final Duration LIFE = Duration.ofMinutes(20);
    private static final byte[] VALUE = "value".getBytes(US_ASCII);

    private MemcachedServer server;

    @BeforeEach
    void start() {
        server = MemcachedServer.start("-m", "8");
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static MemcachedTalk impatient(MemcachedServer server) throws IOException {
        return MemcachedTalk.open(new InetSocketAddress(server.host(), server.port()), Duration.ofSeconds(2));
    }

    @Test
    void aServerRunsOnAPortOfItsOwnWithItsOptions() {
        assertThat(server.port()).isNotEqualTo(11211);
        assertThat(server.address()).isEqualTo("127.0.0.1:" + server.port());
        assertThat(server.stats())
                .containsEntry("pid", String.valueOf(server.pid()))
                .containsEntry("limit_maxbytes", String.valueOf(8 << 20));
        assertThat(server.isRunning()).isTrue();
        try (MemcachedServer other = MemcachedServer.start()) {
            assertThat(other.port()).isNotEqualTo(server.port());
            other.put("k", VALUE, LIFE);
        }
        assertThat(server.keys()).isEmpty();
    }

    @Test
    void aPortThatIsTakenIsNotShared() {
        assertThatThrownBy(() -> MemcachedServer.startAt(server.port()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("in use");
        int port = server.port();
        server.close();
        try (MemcachedServer next = MemcachedServer.startAt(port)) {
            assertThat(next.port()).isEqualTo(port);
        }
    }

    @Test
    void whatMemcachedSaysOfWrongOptionsIsReported() {
        assertThatThrownBy(() -> MemcachedServer.start("-I", "1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Item max size");
    }

    @Test
    void withoutAProgramTheWayToOneIsNamed() {
        System.setProperty("coatcheck.memcached", "/nowhere/memcached");
        try {
            assertThatThrownBy(MemcachedServer::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("bin/setup installs it");
        } finally {
            System.clearProperty("coatcheck.memcached");
        }
    }

    @Test
    void aServerThatStoppedOrWasKilledRefusesConnections() {
        for (Runnable end : new Runnable[] {server::stop, server::kill, server::close}) {
            server.restart();
            ProcessHandle process = ProcessHandle.of(server.pid()).orElseThrow();
            end.run();
            assertThat(process.isAlive()).isFalse();
            assertThat(server.isRunning()).isFalse();
            assertThatThrownBy(server::stats)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasCauseInstanceOf(ConnectException.class);
        }
        server.close();
        assertThatThrownBy(server::freeze).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aFrozenServerAcceptsAndSaysNothingUntilItIsThawed() throws IOException {
        server.freeze();
        assertThat(server.isRunning()).isTrue();
        try (MemcachedTalk talk = impatient(server)) {
            assertThatThrownBy(() -> talk.ask("version")).isInstanceOf(SocketTimeoutException.class);
            server.thaw();
            await().untilAsserted(() -> assertThat(talk.line()).startsWith("VERSION "));
        }
    }

    @Test
    void aFrozenServerCanBeStopped() {
        server.freeze();
        long begun = System.nanoTime();
        server.stop();
        assertThat(server.isRunning()).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void aRestartedServerIsEmptyAndAtTheSamePlace() {
        server.put("k", VALUE, LIFE);
        long pid = server.pid();
        int port = server.port();
        server.restart();
        assertThat(server.keys()).isEmpty();
        assertThat(server.pid()).isNotEqualTo(pid);
        assertThat(server.port()).isEqualTo(port);
        assertThat(server.stats())
                .containsEntry("pid", String.valueOf(server.pid()))
                .containsEntry("limit_maxbytes", String.valueOf(8 << 20));
    }

    @Test
    void aWarmRestartKeepsWhatIsThere(@TempDir Path folder) {
        assertThatThrownBy(server::restartWarm).isInstanceOf(IllegalStateException.class);
        try (MemcachedServer warm =
                MemcachedServer.start("-e", folder.resolve("items").toString())) {
            warm.put("k", VALUE, LIFE);
            long pid = warm.pid();
            warm.restartWarm();
            assertThat(warm.get("k")).contains(VALUE);
            assertThat(warm.pid()).isNotEqualTo(pid);
        }
    }

    @Test
    void aUnixSocketIsAPlaceToo(@TempDir Path folder) {
        Path socket = folder.resolve("memcached.sock");
        try (MemcachedServer local = MemcachedServer.startOnUnixSocket(socket)) {
            local.put("k", VALUE, LIFE);
            assertThat(local.get("k")).contains(VALUE);
            assertThat(local.address()).isEqualTo(socket.toString());
            assertThatThrownBy(local::port).isInstanceOf(IllegalStateException.class);
            local.restart();
            assertThat(local.keys()).isEmpty();
        }
        assertThat(socket).doesNotExist();
    }

    @Test
    void aServerWithUsersIsAskedAsTheFirstOfThem(@TempDir Path folder) throws IOException {
        Path users = Files.writeString(folder.resolve("users"), "coat:check\nother:one\n");
        try (MemcachedServer closed = MemcachedServer.start("-Y", users.toString())) {
            closed.put("k", VALUE, LIFE);
            assertThat(closed.get("k")).contains(VALUE);
            try (MemcachedTalk stranger = impatient(closed)) {
                assertThat(stranger.ask("mg k v")).isEqualTo("CLIENT_ERROR unauthenticated");
            }
        }
    }

    @Test
    void aServerWithTlsSpeaksItAtItsPort(@TempDir Path folder) throws Exception {
        TestCertificate certificate = TestCertificate.make(folder, "ip:127.0.0.1");
        try (MemcachedServer secure = MemcachedServer.start(certificate.memcachedOptions())) {
            secure.put("k", VALUE, LIFE);
            SSLSocketFactory tls = certificate.trusting().getSocketFactory();
            try (Socket socket = tls.createSocket(secure.host(), secure.port())) {
                socket.setSoTimeout(30_000);
                socket.getOutputStream().write("mg k v\r\n".getBytes(US_ASCII));
                assertThat(socket.getInputStream().readNBytes(13)).isEqualTo("VA 5\r\nvalue\r\n".getBytes(US_ASCII));
            }
        }
    }

    @Test
    void keysAndValuesAreAllInTheDump() {
        byte[] binary = {0, 13, 10, -1};
        server.put("plain", VALUE, LIFE);
        server.put("odd%2B+=key", binary, LIFE);
        server.put("empty", new byte[0], LIFE);
        assertThat(server.keys()).containsExactly("empty", "odd%2B+=key", "plain");
        assertThat(server.dump())
                .containsOnlyKeys("empty", "odd%2B+=key", "plain")
                .containsEntry("odd%2B+=key", binary)
                .containsEntry("plain", VALUE)
                .containsEntry("empty", new byte[0]);
        assertThat(server.dumpBytes()).hasSize(6).contains(VALUE, binary, "plain".getBytes(US_ASCII));
        assertThat(server.delete("plain")).isTrue();
        assertThat(server.delete("plain")).isFalse();
        assertThat(server.get("plain")).isEmpty();
        server.flush();
        assertThat(server.keys()).isEmpty();
        assertThat(server.dump()).isEmpty();
    }

    @Test
    void whatTheServerRefusesIsNotTakenForStored() {
        assertThatThrownBy(() -> server.put("k", new byte[2 << 20], LIFE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("too large");
    }

    @Test
    void fillingItEvictsAndWithoutEvictionsIsRefused() {
        server.put("ours", new byte[10_000], LIFE);
        int written = server.fill(10_000);
        assertThat(written).isBetween(300, 1200);
        assertThat(Long.parseLong(server.stats().get("evictions"))).isPositive();
        server.fill(10_000, 2 * written);
        assertThat(server.get("ours")).isEmpty();
        try (MemcachedServer strict = MemcachedServer.start("-m", "8", "-M")) {
            strict.put("ours", new byte[10_000], LIFE);
            strict.fill(10_000);
            assertThat(strict.fill(10_000, 100)).isEqualTo(100);
            assertThat(strict.stats()).containsEntry("evictions", "0");
            assertThat(strict.get("ours")).isPresent();
        }
    }

    @Test
    void eachCommandIsCountedOnce() throws IOException {
        try (MemcachedTalk talk = server.talk()) {
            counts(talk, "mg k v t T100", "EN", "miss 1");
            counts(talk, "mg k v t", "EN", "miss 1");
            countsWrite(talk, "ms k 1 ME T100", "HD", "set 1");
            countsWrite(talk, "ms k 1 ME T100", "NS", "set 1");
            counts(talk, "mg k t T100", "HD t", "renewal 1");
            counts(talk, "mg k t", "HD t", "hit 1");
            countsWrite(talk, "ms k 1 C999 T100", "EX", "set 1 (cas bad 1)");
            countsWrite(talk, "ms none 1 C999 T100", "NF", "set 1 (cas miss 1)");
            String cas = talk.ask("mg k c").substring(4);
            countsWrite(talk, "ms k 1 C" + cas + " T100", "HD", "set 1 (cas hit 1)");
            counts(talk, "md k C1", "EX", "delete 1");
            counts(talk, "md k", "HD", "delete 1");
            counts(talk, "md k", "NF", "delete 1");
            counts(talk, "mg claimed t N5 T100", "HD t-1 W", "renewal 1");
            counts(talk, "mg claimed2 t N5", "HD t-1 W", "hit 1");
            counts(talk, "ma none", "NF", "other 1");
            counts(talk, "me claimed", "ME claimed", "other 1");
            counts(talk, "mn", "MN", "nothing");
            counts(talk, "version", "VERSION", "nothing");
            counts(talk, "get none", "END", "miss 1");
            counts(talk, "touch none 100", "NOT_FOUND", "miss 1");
            counts(talk, "flush_all", "OK", "other 1");
            byte[] large = new byte[2 << 20];
            MemcachedCommands refused = server.during(() ->
                    assertThat(asked(talk, "ms k " + large.length, large)).startsWith("SERVER_ERROR object too large"));
            assertThat(refused).hasToString("refusal 1");
            assertThat(refused.total()).isEqualTo(1);
        }
        assertThat(server.during(server::stats)).hasToString("nothing");
        assertThat(server.during(server::keys)).hasToString("nothing");
    }

    private void counts(MemcachedTalk talk, String command, String reply, String counted) {
        MemcachedCommands commands =
                server.during(() -> assertThat(asked(talk, command, null)).startsWith(reply));
        assertThat(commands).as(command).hasToString(counted);
        assertThat(commands.total()).as(command).isEqualTo(counted.equals("nothing") ? 0 : 1);
    }

    private void countsWrite(MemcachedTalk talk, String command, String reply, String counted) {
        MemcachedCommands commands = server.during(
                () -> assertThat(asked(talk, command, new byte[] {'x'})).startsWith(reply));
        assertThat(commands).as(command).hasToString(counted);
        assertThat(commands.total()).as(command).isEqualTo(1);
    }

    private static String asked(MemcachedTalk talk, String command, byte[] data) {
        try {
            return data == null ? talk.ask(command) : talk.ask(command, data);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Test
    void aServerEndsWithItsJvm() throws Exception {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Forgetful.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = new BufferedReader(new InputStreamReader(jvm.getInputStream(), US_ASCII))) {
            long pid = Long.parseLong(said.readLine());
            assertThat(jvm.waitFor(60, TimeUnit.SECONDS)).isTrue();
            await().untilAsserted(() -> assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive))
                    .isEmpty());
        }
    }

    /** Starts a server, says its pid, and ends without a thought of it. */
    static final class Forgetful {
        public static void main(String[] arguments) {
            MemcachedServer forgotten = MemcachedServer.start();
            System.out.println(forgotten.pid());
        }
    }
}
