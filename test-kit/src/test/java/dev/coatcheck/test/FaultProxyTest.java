package dev.coatcheck.test;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultProxyTest {
    private static final Duration LIFE = Duration.ofMinutes(20);
    private static final Duration PATIENT = Duration.ofSeconds(20);
    private static final Duration IMPATIENT = Duration.ofSeconds(1);
    private static MemcachedServer server;

    private FaultProxy proxy;
    private MemcachedTalk talk;

    @BeforeAll
    static void startServer() {
        server = MemcachedServer.start();
    }

    @AfterAll
    static void closeServer() {
        server.close();
    }

    @BeforeEach
    void start() throws IOException {
        server.flush();
        server.put("a", "first\r\nHD\r\n".getBytes(US_ASCII), LIFE);
        server.put("b", "second".getBytes(US_ASCII), LIFE);
        proxy = FaultProxy.before(server);
        talk = connect(PATIENT);
        assertThat(talk.ask("mn")).isEqualTo("MN");
    }

    @AfterEach
    void close() throws IOException {
        talk.close();
        proxy.close();
    }

    private MemcachedTalk connect(Duration timeout) throws IOException {
        return MemcachedTalk.open(new InetSocketAddress(proxy.host(), proxy.port()), timeout);
    }

    private static String value(MemcachedTalk from, String key) throws IOException {
        String line = from.ask("mg " + key + " v");
        return line.startsWith("VA ") ? new String(from.data(line), US_ASCII) : line;
    }

    @Test
    void withoutAFaultEverythingPassesAndIsCounted() throws IOException {
        proxy.resetCounters();
        byte[] large = new byte[900_000];
        assertThat(talk.ask("ms large 900000 T60", large)).isEqualTo("HD");
        String line = talk.ask("mg large v");
        assertThat(talk.data(line)).isEqualTo(large);
        assertThat(proxy.requests()).containsExactly("ms large 900000 T60", "mg large v");
        assertThat(proxy.bytesToServer()).isEqualTo(21 + 900_002 + 12);
        // It counts just after it has sent.
        await().untilAsserted(() -> assertThat(proxy.bytesToClient()).isEqualTo(4 + 11 + 900_002));
        assertThat(proxy.happened()).isZero();
        try (MemcachedTalk other = connect(PATIENT)) {
            assertThat(value(other, "b")).isEqualTo("second");
            assertThat(proxy.connections()).isEqualTo(1);
            assertThat(proxy.openConnections()).isEqualTo(2);
        }
        await().untilAsserted(() -> assertThat(proxy.openConnections()).isEqualTo(1));
    }

    @Test
    void refusedMeansNoConnectionNewOrOld() throws IOException {
        proxy.refuse();
        assertThatThrownBy(() -> connect(PATIENT)).isInstanceOf(ConnectException.class);
        assertThatThrownBy(() -> value(talk, "b")).isInstanceOf(IOException.class);
        assertThat(proxy.openConnections()).isZero();
        proxy.heal();
        try (MemcachedTalk next = connect(PATIENT)) {
            assertThat(value(next, "b")).isEqualTo("second");
        }
    }

    @Test
    void silenceAcceptsAndAnswersWhenItIsOver() throws IOException {
        proxy.acceptAndStaySilent();
        MemcachedCommands sent = server.during(() -> {
            try (MemcachedTalk next = connect(IMPATIENT)) {
                assertThatThrownBy(() -> value(next, "b")).isInstanceOf(SocketTimeoutException.class);
                talk.send("mg b v\r\n");
            } catch (IOException failed) {
                throw new AssertionError(failed);
            }
        });
        assertThat(sent).hasToString("nothing");
        await().untilAsserted(() -> assertThat(proxy.openConnections()).isEqualTo(1));
        proxy.heal();
        assertThat(new String(talk.data(talk.line()), US_ASCII)).isEqualTo("second");
    }

    @Test
    void whatASilentProxyWasSentRunsLaterThoughTheClientHasGone() throws IOException {
        proxy.acceptAndStaySilent();
        try (MemcachedTalk gone = connect(PATIENT)) {
            gone.send("md b\r\n");
        }
        assertThat(server.get("b")).isPresent();
        proxy.heal();
        await().untilAsserted(() -> assertThat(server.get("b")).isEmpty());
    }

    @Test
    void aDelayedReplyIsLateByThatMuchUntilHealed() throws IOException {
        proxy.delay(Duration.ofMillis(120));
        long begun = System.nanoTime();
        assertThat(value(talk, "b")).isEqualTo("second");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(Duration.ofMillis(120));
        proxy.delay(Duration.ofHours(1));
        talk.send("mg b v\r\n");
        await().untilAsserted(() -> assertThat(proxy.happened()).isGreaterThanOrEqualTo(2));
        proxy.heal();
        assertThat(new String(talk.data(talk.line()), US_ASCII)).isEqualTo("second");
    }

    @Test
    void drippingTakesAPauseForEachByte() throws IOException {
        proxy.drip(Duration.ofMillis(10));
        long begun = System.nanoTime();
        assertThat(value(talk, "b")).isEqualTo("second");
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .isGreaterThanOrEqualTo(Duration.ofMillis(10L * "VA 6\r\nsecond\r\n".length()));
        assertThat(proxy.heal().happened()).isPositive();
    }

    @Test
    void cuttingClosesAfterExactlySoManyBytes() throws IOException {
        proxy.cutAfter(9);
        String line = talk.ask("mg b v");
        assertThat(line).isEqualTo("VA 6");
        assertThat(talk.exactly(3)).isEqualTo("sec".getBytes(US_ASCII));
        assertThatThrownBy(() -> talk.exactly(1)).isInstanceOf(EOFException.class);
        assertThat(proxy.happened()).isEqualTo(1);
        try (MemcachedTalk next = connect(PATIENT)) {
            assertThat(value(next, "b")).as("once").isEqualTo("second");
        }
    }

    @Test
    void garblingChangesEveryReplyInAWayThatItsSeedRepeats() throws IOException {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        List<String> told = new ArrayList<>();
        for (int round = 0; round < 2; round++) {
            proxy.garble(seed);
            assertThat(proxy.toString()).contains("seed " + seed);
            try (MemcachedTalk next = connect(PATIENT)) {
                next.send("mn\r\n");
                String reply = new String(next.exactly(4), ISO_8859_1);
                assertThat(reply).isNotEqualTo("MN\r\n");
                told.add(reply);
            }
        }
        assertThat(told.get(0)).isEqualTo(told.get(1));
        assertThat(proxy.happened()).isEqualTo(2);
    }

    @Test
    void swappedRepliesComeInTheOtherOrderOnce() throws IOException {
        proxy.swapReplies();
        talk.send("mg a v Oone\r\nmg b v Otwo\r\n");
        for (String expected : List.of("VA 6 Otwo", "VA 11 Oone")) {
            String line = talk.line();
            assertThat(line).isEqualTo(expected);
            talk.data(line);
        }
        assertThat(proxy.happened()).isEqualTo(1);
        talk.send("mg a k\r\nmg b k\r\n");
        assertThat(talk.line()).isEqualTo("HD ka");
        assertThat(talk.line()).isEqualTo("HD kb");
    }

    @Test
    void aReplyHeldForASwapIsDeliveredByHealing() throws IOException {
        proxy.swapReplies();
        try (MemcachedTalk next = connect(IMPATIENT)) {
            assertThatThrownBy(() -> next.ask("mg b k")).isInstanceOf(SocketTimeoutException.class);
            proxy.heal();
            assertThat(next.line()).isEqualTo("HD kb");
        }
    }

    @Test
    void aDoubledReplyShiftsTheOnesBehindIt() throws IOException {
        proxy.duplicateReply();
        assertThat(value(talk, "a")).isEqualTo("first\r\nHD\r\n");
        assertThat(value(talk, "b")).as("the answer to what was asked before").isEqualTo("first\r\nHD\r\n");
        assertThat(new String(talk.data(talk.line()), US_ASCII)).isEqualTo("second");
        assertThat(value(talk, "b")).as("once").isEqualTo("second");
    }

    @Test
    void aReplyCanEndInItsMiddle() throws IOException {
        proxy.closeInReply();
        assertThat(talk.ask("mg a v")).isEqualTo("VA 11");
        assertThatThrownBy(() -> talk.data(11)).isInstanceOf(EOFException.class);
        try (MemcachedTalk next = connect(PATIENT)) {
            assertThat(value(next, "b")).as("once").isEqualTo("second");
        }
    }

    @Test
    void aDroppedReplyIsToARequestThatWasExecuted() throws IOException {
        proxy.dropReplies();
        talk.send("md b\r\n");
        await().untilAsserted(() -> assertThat(server.get("b")).isEmpty());
        await().untilAsserted(() -> assertThat(proxy.happened()).isEqualTo(1));
        proxy.heal();
        assertThat(talk.ask("mn")).isEqualTo("MN");
    }

    @Test
    void aLostRequestIsNeverExecuted() throws IOException {
        proxy.loseRequests();
        talk.send("md b\r\n");
        await().untilAsserted(() -> assertThat(proxy.happened()).isEqualTo(1));
        proxy.heal();
        assertThat(talk.ask("mn")).isEqualTo("MN");
        assertThat(server.get("b")).isPresent();
        assertThat(proxy.requests()).containsExactly("mn", "md b", "mn");
    }

    @Test
    void aServerThatIsNotThereClosesTheConnection() throws IOException {
        MemcachedServer gone = MemcachedServer.start();
        try (FaultProxy before = FaultProxy.before(gone)) {
            gone.close();
            try (MemcachedTalk next =
                    MemcachedTalk.open(new InetSocketAddress(before.host(), before.port()), PATIENT)) {
                assertThatThrownBy(() -> next.ask("mn")).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void closingEndsConnectionsThreadAndPort() {
        String name = "coatcheck-fault-proxy-" + proxy.port();
        assertThat(threads()).contains(name);
        proxy.close();
        assertThat(threads()).doesNotContain(name);
        assertThatThrownBy(() -> talk.ask("mn")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> connect(PATIENT)).isInstanceOf(ConnectException.class);
        assertThatThrownBy(proxy::heal).isInstanceOf(IllegalStateException.class);
        await().untilAsserted(
                        () -> assertThat(server.stats().get("curr_connections")).isEqualTo(idleConnections()));
    }

    /** What a server of its own has when nobody is connected but who asks. */
    private static String idleConnections() {
        try (MemcachedServer fresh = MemcachedServer.start()) {
            return fresh.stats().get("curr_connections");
        }
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
    }
}
