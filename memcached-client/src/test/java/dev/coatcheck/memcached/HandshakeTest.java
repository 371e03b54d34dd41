package dev.coatcheck.memcached;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.memcached.MemcachedException.Fate;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who else may listen at a node's port, and what the client says of it. */
class HandshakeTest {
    private static final String STATS =
            "STAT pid 7\r\nSTAT uptime 10\r\nSTAT time 1010\r\nSTAT empty \r\nSTAT with two blanks\r\nEND\r\n";
    private static final String SETTINGS = "STAT item_size_max 2097152\r\nSTAT evictions off\r\nEND\r\n";

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Map<String, String> answers = new HashMap<>();
    private String banner = "";

    HandshakeTest() throws IOException {
        answers.put("version", "VERSION 1.6.18\r\n");
        answers.put("stats", STATS);
        answers.put("stats settings", SETTINGS);
    }

    @AfterEach
    void stop() throws IOException {
        listener.close();
    }

    /** Says its banner, and to each line what there is for it; a line without an answer it leaves without one. */
    private void serve() {
        while (!listener.isClosed()) {
            try (Socket socket = listener.accept()) {
                OutputStream out = socket.getOutputStream();
                out.write(banner.getBytes(UTF_8));
                BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    out.write(answers.getOrDefault(line, "").getBytes(UTF_8));
                }
            } catch (IOException gone) {
                // The client has hung up, or the test is over.
            }
        }
    }

    /** Where it takes longer than the second that a handshake has, which a busy machine may need, it is tried again. */
    private ServerInfo contact() {
        for (int tries = 1; ; tries++) {
            try {
                return contactOnce();
            } catch (MemcachedException e) {
                if (tries == 3 || !e.getMessage().contains("no answer within 3 seconds")) {
                    throw e;
                }
            }
        }
    }

    private ServerInfo contactOnce() {
        Thread server = new Thread(this::serve, "scripted server");
        server.setDaemon(true);
        server.start();
        try (MemcachedClient client = MemcachedClient.builder()
                .node("127.0.0.1:" + listener.getLocalPort())
                .connections(1)
                .build()) {
            CompletableFuture<ServerInfo> contact = client.nodes().get(0).firstContact();
            try {
                return contact.get(30, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                assertThat(client.nodes().get(0).isUp()).isFalse();
                if (e.getCause() instanceof UnfitServerException unfit) {
                    throw new UncheckedIOException(unfit);
                }
                throw (MemcachedException) e.getCause();
            } catch (InterruptedException | TimeoutException e) {
                throw new AssertionError(e);
            }
        }
    }

    private void isUnfit(String... said) {
        assertThatThrownBy(this::contact)
                .cause()
                .isInstanceOf(UnfitServerException.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(said));
    }

    private void isAway(String said) {
        assertThatThrownBy(this::contact)
                .isInstanceOfSatisfying(
                        MemcachedException.class, e -> assertThat(e.fate()).isEqualTo(Fate.NOT_SENT))
                .hasMessageContaining(said);
    }

    @Test
    void whatAServerSaysOfItself() {
        assertThat(contact()).isEqualTo(new ServerInfo(new ServerIdentity(7, 1_000), "1.6.18", 2_097_152, false));
    }

    @Test
    void withoutItsSettingsTheDefaultsHold() {
        answers.put("stats settings", "END\r\n");
        assertThat(contact()).isEqualTo(new ServerInfo(new ServerIdentity(7, 1_000), "1.6.18", 1 << 20, true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.4.15", "1.5.6", "1.6.17", "1.6", "1.5.99", "0.9.9", "1.6.9-beta", "1.6.17_20"})
    void anOldMemcachedIsRefusedWithTheOneThatIsNeeded(String version) {
        answers.put("version", "VERSION " + version + "\r\n");
        isUnfit("memcached " + version, "1.6.18 or later");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.6.18", "1.6.45", "1.6.100", "1.7", "1.7.0-rc1", "2.0.0", "1.6.40_30-dirty", "10.0"})
    void aNewerMemcachedIsTaken(String version) {
        answers.put("version", "VERSION " + version + "\r\n");
        assertThat(contact().version()).isEqualTo(version);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "VERSION",
                "VERSION ",
                "VERSION x",
                "VERSION 1",
                "VERSION 1.6.99999999999999",
                "VERSION 1.6.18 extra",
                "ERROR",
                "version 1.6.18"
            })
    void whatGivesNoVersionIsNoMemcached(String answer) {
        answers.put("version", answer + "\r\n");
        isUnfit("no memcached", "'" + answer + "'");
    }

    @Test
    void aWebServer() {
        answers.put("version", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        isUnfit("no memcached", "HTTP/1.1 400 Bad Request");
    }

    @Test
    void anSshServer() {
        banner = "SSH-2.0-OpenSSH_9.2p1 Debian\r\n";
        isUnfit("no memcached", "SSH-2.0");
    }

    @Test
    void aDatabaseWithAnAnswerThatIsNoText() {
        banner = "\u0001\u0002\u001b[31m\u0000\u0007 5.7\r\n";
        isUnfit("no memcached", "'???[31m?? 5.7'");
    }

    @Test
    void silence() {
        answers.clear();
        isAway("no answer within 3 seconds");
    }

    @Test
    void aLineWithoutEnd() {
        answers.put("version", "V".repeat(10 << 20));
        isAway("A line of more than 4096 bytes");
    }

    @Test
    void aLineThatIsTooLong() {
        answers.put("version", "VERSION 1.6.18" + "x".repeat(4_096) + "\r\n");
        isAway("too long");
    }

    @Test
    void statisticsWithoutEnd() {
        answers.put("stats", "STAT a 1\r\n".repeat(200_000));
        isUnfit("no statistics");
    }

    @Test
    void statisticsOfAnotherKind() {
        answers.put("stats", "ERROR\r\n");
        isUnfit("no statistics", "'ERROR'");
    }

    @Test
    void statisticsWithoutAProcess() {
        answers.put("stats", "STAT pid none\r\nSTAT uptime 1\r\nSTAT time 2\r\nEND\r\n");
        isUnfit("'pid'");
        answers.put("stats", "STAT pid 5\r\nSTAT time 2\r\nEND\r\n");
        isUnfit("'uptime'");
    }

    @Test
    void statisticsThatNeverCome() {
        answers.put("stats", "");
        isAway("no answer within 3 seconds");
    }

    @Test
    void aServerThatHasTooManyConnections() {
        banner = "ERROR Too many open connections\r\n";
        isAway("takes no more connections");
    }
}
