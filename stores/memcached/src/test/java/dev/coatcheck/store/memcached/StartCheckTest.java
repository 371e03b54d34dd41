package dev.coatcheck.store.memcached;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.memcached.NodeEvent;
import dev.coatcheck.test.FaultProxy;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.SampleValue;
import dev.coatcheck.test.TestBrowser;
import dev.coatcheck.test.TestCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Servers that cannot serve stop the start, and say why; servers that are away do not. */
class StartCheckTest {
    private static void assertRefused(String url, String... named) {
        onABusyMachineToo()
                .untilAsserted(() -> assertThatThrownBy(
                                () -> MemcachedSessionStore.open(url).close())
                        .isInstanceOf(IllegalArgumentException.class)
                        .message()
                        .contains(named)
                        .doesNotContain("canary-secret"));
    }

    /** There a first handshake may take longer than its second, and the server counts as away for a moment. */
    private static ConditionFactory onABusyMachineToo() {
        return Awaitility.await().atMost(Duration.ofSeconds(30)).pollDelay(Duration.ZERO);
    }

    /** A session through the store, and back. */
    private static void assertServes(String url) {
        assertServes(SessionStore.open(url));
    }

    private static void assertServes(SessionStore store) {
        try (store;
                SessionManager sessions = SessionManager.builder()
                        .store(store)
                        .keyRing(KeyRing.parse(KeyRing.generate()))
                        .maxBytes(100_000)
                        .build()) {
            onABusyMachineToo()
                    .ignoreException(SessionUnavailableException.class)
                    .until(() -> {
                        TestBrowser browser = TestBrowser.signedInAs(sessions, "alice");
                        return browser.<Boolean>request(session -> session.userId() != null);
                    });
        }
    }

    private static void assertRefusesWhatAnswers(String answer, String... named) {
        try (ScriptedServer server = new ScriptedServer(line -> answer)) {
            assertRefused("memcached://" + server.address(), named);
        }
    }

    @Test
    void whatIsNoMemcachedIsRefused() {
        assertRefusesWhatAnswers("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "no memcached", "HTTP/1.1");
        assertRefusesWhatAnswers("-ERR unknown command 'version'\r\n", "no memcached", "-ERR");
        assertRefusesWhatAnswers("ERROR\r\n", "no memcached");
        assertRefusesWhatAnswers("VERSION unknown\r\n", "no memcached");
    }

    @Test
    void whatIsTooOldIsRefused() {
        assertRefusesWhatAnswers("VERSION 1.4.25\r\n", "1.4.25", "1.6.18");
        assertRefusesWhatAnswers("VERSION 1.6.17\r\n", "1.6.17", "1.6.18");
        assertRefusesWhatAnswers("VERSION 1.5\r\n", "1.5", "1.6.18");
    }

    @Test
    void aProxyThatGivesNoStatisticsIsRefused() {
        try (ScriptedServer server =
                new ScriptedServer(line -> line.equals("version") ? "VERSION 1.6.30\r\n" : "ERROR\r\n")) {
            assertRefused("memcached://" + server.address(), "statistics");
        }
    }

    @Test
    void theMessageNamesTheNode() {
        try (MemcachedServer server = MemcachedServer.start();
                ScriptedServer other = new ScriptedServer(line -> "ERROR\r\n")) {
            assertRefused("memcached://a=" + server.address() + ",b=" + other.address(), "node 'b'", "no memcached");
        }
    }

    @Test
    void aServerThatWantsAPasswordIsRefusedWithoutItAndServesWithIt(@TempDir Path folder) throws Exception {
        Path users = Files.writeString(folder.resolve("users"), "alice:canary-secret-1\n");
        try (MemcachedServer server = MemcachedServer.start("-Y", users.toString())) {
            assertRefused("memcached://" + server.address(), "user name and password");
            assertRefused("memcached://alice:canary-secret-2@" + server.address(), "refuses the user name or password");
            assertServes("memcached://alice:canary-secret-1@" + server.address());
        }
        try (MemcachedServer open = MemcachedServer.start()) {
            assertRefused("memcached://alice:canary-secret-1@" + open.address(), "password");
            assertThat(open.keys()).as("nobody may read the password there").isEmpty();
        }
    }

    @Test
    void whatIsSpecialInAUserOrPasswordIsSentAsItIs(@TempDir Path folder) throws Exception {
        Path users = Files.writeString(folder.resolve("users"), "a@b:p?%+\n");
        try (MemcachedServer server = MemcachedServer.start("-Y", users.toString())) {
            assertServes("memcached://a%40b:p%3F%25+@" + server.address());
        }
    }

    @Test
    void tlsIsSpokenOnBothSidesOrTheStartFails(@TempDir Path folder) throws Exception {
        TestCertificate certificate = TestCertificate.make(folder, "dns:localhost");
        try (MemcachedServer plain = MemcachedServer.start();
                MemcachedServer tls = MemcachedServer.start(certificate.memcachedOptions())) {
            String host = "memcached://localhost:" + tls.port();
            String trusting = "?tls=true&trust=" + certificate.certificate();
            assertServes(host + trusting);
            assertRefused("memcached://" + plain.address() + trusting, "TLS");
            assertRefused("memcached://" + tls.address(), "TLS");
            assertRefused(host + "?tls=true", "TLS");
            assertRefused("memcached://" + tls.address() + trusting, "TLS");
        }
    }

    @Test
    void aClientThatWasMadeInCodeIsCheckedTooAndClosedWithItsStore(@TempDir Path folder) {
        TestCertificate certificate = TestCertificate.make(folder, "dns:localhost");
        List<NodeEvent> events = new CopyOnWriteArrayList<>();
        try (MemcachedServer server = MemcachedServer.start(certificate.memcachedOptions())) {
            MemcachedClient client = MemcachedClient.builder()
                    .node("one", "localhost:" + server.port())
                    .tls(certificate.trusting())
                    .timeout(Duration.ofSeconds(5))
                    .listener(events::add)
                    .build();
            assertServes(MemcachedSessionStore.over(client));
            assertThat(events).extracting(NodeEvent::kind).containsExactly(NodeEvent.Kind.UP);
            assertThat(client.nodes().get(0).isUp())
                    .as("after the store was closed")
                    .isFalse();

            MemcachedClient wrong =
                    MemcachedClient.builder().node(server.address()).build();
            assertThatThrownBy(() -> MemcachedSessionStore.over(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("TLS");
            assertThat(wrong.nodes().get(0).isUp()).isFalse();
        }
    }

    @Test
    void aServerThatRefusesInsteadOfEvictingMustBeExpected() {
        try (MemcachedServer evicting = MemcachedServer.start();
                MemcachedServer refusing = MemcachedServer.start("-M")) {
            assertRefused("memcached://" + refusing.address(), "-M", "whenFull=refuse");
            assertServes("memcached://" + refusing.address() + "?whenFull=refuse");
            assertRefused("memcached://" + evicting.address() + "?whenFull=refuse", "whenFull=refuse", "evicts");
            assertServes("memcached://" + evicting.address() + "?whenFull=evict");
        }
    }

    @Test
    void aServerThatTakesNoItemsOfOurSizeIsRefused() {
        try (MemcachedServer small = MemcachedServer.start("-I", "128k", "-o", "slab_chunk_max=64")) {
            assertRefused("memcached://" + small.address(), "131072", "-I", "maxValueBytes");
            assertServes("memcached://" + small.address() + "?maxValueBytes=100000");
        }
    }

    /** The largest value is one that the server really takes. */
    @Test
    void theLargestValueFitsIntoTheSmallestItemLimitThatIsAccepted() {
        int limit = 131_072;
        int largest = limit - 256;
        try (MemcachedServer server = MemcachedServer.start("-I", String.valueOf(limit), "-o", "slab_chunk_max=64")) {
            assertRefused("memcached://" + server.address() + "?maxValueBytes=" + (largest + 1), "maxValueBytes");
            String url = "memcached://" + server.address() + "?prefix=" + "p".repeat(64) + "&timeout=5s&maxValueBytes="
                    + largest;
            try (SessionStore store = SessionStore.open(url)) {
                byte[] value = SampleValue.live(1, largest - 80);
                assertThat(store.create(SampleValue.key(), value, Duration.ofDays(31))
                                .outcome())
                        .isEqualTo(SessionStore.Outcome.STORED);
            }
        }
    }

    @Test
    void aServerThatIsAwayDoesNotStopTheStartAndIsSaidInTheLog() {
        MemcachedServer server = MemcachedServer.start();
        server.close();
        var unused = heard(MemcachedClient.class, lines -> {
            try (SessionStore store = MemcachedSessionStore.connect(server.address())) {
                assertThat(store.settled()).isFalse();
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> warnings(lines)
                                .contains("memcached " + server.address() + " is away: Connection refused"));
            }
        });
        try (ScriptedServer silent = new ScriptedServer(line -> "")) {
            long start = System.nanoTime();
            List<ILoggingEvent> log = heard(
                    MemcachedSessionStore.class,
                    lines -> MemcachedSessionStore.connect(silent.address()).close());
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
            assertThat(warnings(log))
                    .singleElement()
                    .asString()
                    .contains("memcached " + silent.address(), "not answered yet");
        }
    }

    @Test
    void withTwoCopiesOneOfThreeThatIsUnfitStopsTheStartToo(@TempDir Path folder) throws Exception {
        Path users = Files.writeString(folder.resolve("users"), "alice:canary-secret-1\n");
        try (MemcachedServer one = MemcachedServer.start();
                MemcachedServer two = MemcachedServer.start();
                ScriptedServer old = new ScriptedServer(line -> "VERSION 1.4.25\r\n");
                ScriptedServer other = new ScriptedServer(line -> "HTTP/1.1 400 Bad Request\r\n\r\n");
                MemcachedServer locked = MemcachedServer.start("-Y", users.toString());
                MemcachedServer refusing = MemcachedServer.start("-M")) {
            String url = "memcached://a=" + one.address() + ",b=" + two.address() + ",c=%s?copies=2";
            assertRefused(String.format(url, old.address()), "node 'c'", "1.4.25", "1.6.18");
            assertRefused(String.format(url, other.address()), "node 'c'", "no memcached");
            assertRefused(String.format(url, locked.address()), "node 'c'", "user name and password");
            assertRefused(String.format(url, refusing.address()), "node 'c'", "-M");
            assertRefused(
                    String.format(url, locked.address()).replace("//", "//alice:canary-secret-1@"),
                    "node 'a'",
                    "node 'b'",
                    "password");
        }
    }

    /** It was away when that was asked. A host's name may lead elsewhere by then. */
    @ParameterizedTest
    @ValueSource(
            strings = {"VERSION 1.4.25\r\n", "VERSION 1.6.17\r\n", "ERROR\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n"})
    void whatIsFoundUnfitWhileRunningIsAway(String answer) {
        try (MemcachedServer one = MemcachedServer.start();
                MemcachedServer two = MemcachedServer.start();
                ScriptedServer unfit = new ScriptedServer(line -> answer);
                FaultProxy wire = FaultProxy.before("127.0.0.1", unfit.port())) {
            wire.refuse();
            String url = "memcached://a=" + one.address() + ",b=" + two.address() + ",c=" + wire.address()
                    + "?timeout=3s&copies=";
            try (MemcachedSessionStore single = MemcachedSessionStore.open(url + 1);
                    MemcachedSessionStore twice = MemcachedSessionStore.open(url + 2)) {
                long before = wire.heal().connections();
                await().atMost(Duration.ofSeconds(30)).until(() -> wire.connections() > before + 8);
                int served = 0;
                for (int i = 0; i < 40; i++) {
                    Key key = SampleValue.key();
                    assertThat(isServed(twice, key)).isTrue();
                    served += isServed(single, key) ? 1 : 0;
                }
                assertThat(served).isBetween(10, 39);
                assertThat(single.nodes().get(2).isUp()).isFalse();
            }
        }
    }

    private static boolean isServed(SessionStore store, Key key) {
        Duration lease = Duration.ofMinutes(20);
        try {
            store.create(key, SampleValue.live(1), lease);
            return store.load(key, lease).isPresent();
        } catch (SessionUnavailableException e) {
            return false;
        }
    }

    @Test
    void anInterruptDuringTheStartStaysVisible() {
        try (ScriptedServer silent = new ScriptedServer(line -> "")) {
            Thread.currentThread().interrupt();
            MemcachedSessionStore.connect(silent.address()).close();
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void storesAreFoundByTheirUrl() {
        try (MemcachedServer server = MemcachedServer.start();
                SessionStore store = SessionStore.open("memcached://" + server.address())) {
            assertThat(store).isInstanceOf(MemcachedSessionStore.class);
        }
        assertThatThrownBy(() -> SessionStore.open("redis://localhost"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("redis", "embedded", "memcached");
    }

    @Test
    void aManagerWhoseSessionsMayBeLargerThanTheStoresValuesIsRefused() {
        try (MemcachedServer server = MemcachedServer.start();
                SessionStore store = SessionStore.open("memcached://" + server.address() + "?maxValueBytes=100000")) {
            SessionManager.Builder builder =
                    SessionManager.builder().store(store).keyRing(KeyRing.parse(KeyRing.generate()));
            assertThatThrownBy(builder::build)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("maxBytes", "100000");
            builder.maxBytes(100_000).build().close();
        }
    }

    // What is no fault and yet said.

    private static List<String> warnings(MemcachedServer server) {
        return warnings(server.address(), "timeout=3s");
    }

    private static List<String> warnings(String nodes, String options) {
        return warnings(heard(MemcachedSessionStore.class, lines -> {
            try (MemcachedSessionStore store = MemcachedSessionStore.open("memcached://" + nodes + "?" + options)) {
                assertThat(store.nodes()).hasSize(nodes.split(",").length);
            }
        }));
    }

    private static List<String> warnings(List<ILoggingEvent> log) {
        return log.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    /** What a class has logged; the work is given it as it comes. */
    private static List<ILoggingEvent> heard(Class<?> speaker, Consumer<List<ILoggingEvent>> work) {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.list = new CopyOnWriteArrayList<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(speaker);
        logger.addAppender(log);
        try {
            work.accept(log.list);
        } finally {
            logger.detachAppender(log);
        }
        return log.list;
    }

    @Test
    void aServerThatIsEmptyIsTakenWithoutAWord() {
        try (MemcachedServer server = MemcachedServer.start()) {
            assertThat(warnings(server)).isEmpty();
        }
    }

    @Test
    void twoCopiesOnTwoNodesAreTakenWithAWarningAndOnThreeWithoutAWord() {
        try (MemcachedServer one = MemcachedServer.start();
                MemcachedServer two = MemcachedServer.start();
                MemcachedServer three = MemcachedServer.start()) {
            String pair = one.address() + "," + two.address();
            assertThat(warnings(pair, "copies=2&timeout=3s"))
                    .singleElement()
                    .asString()
                    .contains("copies=2 on two nodes", "log-outs stay unconfirmed", "a third node prevents both");
            assertThat(warnings(pair, "copies=1&timeout=3s")).isEmpty();
            assertThat(warnings(pair + "," + three.address(), "copies=2&timeout=3s"))
                    .isEmpty();
        }
    }

    @Test
    void aServerThatEvictsAlreadyIsTakenWithAWarning() {
        try (MemcachedServer server = MemcachedServer.start("-m", "8")) {
            server.fill(10_000);
            String evictions = server.stats().get("evictions");
            assertThat(warnings(server))
                    .anySatisfy(line -> assertThat(line)
                            .contains(
                                    "memcached " + server.address() + " has thrown out " + evictions + " live items"));
        }
    }

    /** The server shows keys a second or so after they were written. */
    @Test
    void aServerThatIsSharedIsTakenWithAWarning() {
        try (MemcachedServer server = MemcachedServer.start()) {
            server.fill(500, 10);
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(warnings(server))
                            .singleElement()
                            .asString()
                            .contains("memcached " + server.address(), "somebody else")
                            .doesNotContain("elsewhere"));
        }
    }
}
