package dev.coatcheck.memcached;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.coatcheck.test.ClusterEndpoint;
import dev.coatcheck.test.FaultProxy;
import dev.coatcheck.test.MemcachedServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Nobody listens at the nodes of these lists; what matters is which of them are there. */
class DiscoveryTest {
    private static final Duration POLL = Duration.ofSeconds(10);
    private static final List<NodeSpec> FIRST = list("127.0.0.1:1", "127.0.0.1:2");
    private static final List<NodeSpec> SECOND = list("127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3");

    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private final Queue<NodeEvent> events = new ConcurrentLinkedQueue<>();
    private final AtomicLong nanos = new AtomicLong();
    private final ClientSettings settings = TestSettings.with(timer, this::keep);
    private final AtomicReference<NodeSource> source = new AtomicReference<>(() -> FIRST);

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    private void keep(NodeEvent event) {
        if (event.node().isEmpty()) {
            events.add(event);
        }
    }

    private static List<NodeSpec> list(String... addresses) {
        return List.of(addresses).stream().map(NodeSpec::at).toList();
    }

    private NodeLists lists(ListRule rule) {
        return new NodeLists(FIRST, List.of(), settings, rule, nanos::get);
    }

    private Discovery discovery(NodeLists lists) {
        return new Discovery(() -> source.get().nodes(), lists, settings, POLL);
    }

    private static List<NodeSpec> now(NodeLists lists) {
        return lists.placement().nodes().stream().map(MemcachedNode::spec).toList();
    }

    private List<String> told() {
        return events.stream()
                .map(event -> event.kind() + ": " + event.reason())
                .toList();
    }

    private static RuntimeException sneaky(Throwable failure) {
        return DiscoveryTest.<RuntimeException>thrown(failure);
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> RuntimeException thrown(Throwable failure) throws T {
        throw (T) failure;
    }

    @Test
    void whateverASourceThrowsTheLastListStaysAndTheNextGoodOneIsTaken() {
        NodeLists lists = lists(ListRule.any());
        Discovery discovery = discovery(lists);
        List<Throwable> failures = List.of(
                new IOException("it hung up"),
                new UnknownHostException("mc"),
                new IllegalStateException("a mistake"),
                new OutOfMemoryError("of the test"),
                new StackOverflowError(),
                new NoClassDefFoundError("gone"));
        for (Throwable failure : failures) {
            source.set(() -> {
                throw sneaky(failure);
            });
            discovery.look();
            assertThat(now(lists)).isEqualTo(FIRST);
        }
        assertThat(told())
                .containsExactly(
                        "LIST_REFUSED: it hung up",
                        "LIST_REFUSED: its name is not known",
                        "LIST_REFUSED: java.lang.IllegalStateException",
                        "LIST_REFUSED: java.lang.OutOfMemoryError",
                        "LIST_REFUSED: java.lang.StackOverflowError",
                        "LIST_REFUSED: java.lang.NoClassDefFoundError");
        source.set(() -> SECOND);
        discovery.look();
        assertThat(now(lists)).isEqualTo(SECOND);
        lists.close();
    }

    @Test
    void aListOfFewerNodesThanAreNeededIsRefusedFromTheFirstOneOn() {
        MemcachedClient.Builder builder =
                MemcachedClient.builder().minNodes(2).listener(this::keep).poll(Duration.ofSeconds(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.discover(() -> List.of(FIRST.get(0))).build())
                .withMessage("nodes = 1: 2 to 300 are accepted");
        try (MemcachedClient client =
                builder.discover(() -> source.get().nodes()).build()) {
            source.set(() -> List.of(FIRST.get(0)));
            await().until(() -> !events.isEmpty());
            assertThat(told()).containsExactly("LIST_REFUSED: nodes = 1: 2 to 300 are accepted");
            assertThat(client.nodes()).extracting(MemcachedNode::spec).isEqualTo(FIRST);
        }
    }

    @Test
    void theLogSaysWhyAListStaysAsItIs() {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(MemcachedClient.class);
        NodeLists lists = lists(ListRule.any());
        source.set(List::of);
        logger.addAppender(log);
        try {
            discovery(lists).look();
        } finally {
            logger.detachAppender(log);
        }
        assertThat(List.copyOf(log.list))
                .filteredOn(event -> event.getLevel() == Level.WARN)
                .extracting(ILoggingEvent::getFormattedMessage)
                .contains("The list of memcached nodes stays as it is: nodes = 0: 1 to 300 are accepted");
        lists.close();
    }

    @Test
    void anEmptyListATooLongOneAndOneWithANodeTwiceAreRefused() {
        NodeLists lists = lists(ListRule.any());
        Discovery discovery = discovery(lists);
        List<NodeSpec> tooMany = IntStream.rangeClosed(1, NodeLists.MAX_NODES + 1)
                .mapToObj(i -> NodeSpec.at("mc" + i))
                .toList();
        for (List<NodeSpec> wrong : List.of(List.<NodeSpec>of(), tooMany, List.of(FIRST.get(0), FIRST.get(0)))) {
            source.set(() -> wrong);
            discovery.look();
            assertThat(now(lists)).isEqualTo(FIRST);
        }
        assertThat(told())
                .containsExactly(
                        "LIST_REFUSED: nodes = 0: 1 to 300 are accepted",
                        "LIST_REFUSED: nodes = 301: 1 to 300 are accepted",
                        "LIST_REFUSED: node '127.0.0.1:1': it is there already");
        lists.close();
    }

    @Test
    void aReasonIsToldOnceUntilAListIsGoodAgain() {
        NodeLists lists = lists(ListRule.any());
        Discovery discovery = discovery(lists);
        NodeSource bad = () -> {
            throw new IOException("a\r\nb" + "c".repeat(1_000));
        };
        for (NodeSource next : List.of(bad, bad, bad)) {
            source.set(next);
            discovery.look();
        }
        assertThat(events)
                .hasSize(1)
                .first()
                .satisfies(event ->
                        assertThat(event.reason()).startsWith("a??bccc").hasSize(200));
        source.set(() -> FIRST);
        discovery.look();
        source.set(bad);
        discovery.look();
        assertThat(events).hasSize(2);
        lists.close();
    }

    @Test
    void aListThatTheRuleRefusesIsTakenOnceItsTimeHasCome() {
        NodeLists lists = lists(ListRule.oneAtATime(POLL.multipliedBy(2)));
        Discovery discovery = discovery(lists);
        source.set(() -> list("127.0.0.1:3", "127.0.0.1:4"));
        discovery.look();
        assertThat(now(lists)).isEqualTo(FIRST);
        source.set(() -> SECOND);
        discovery.look();
        assertThat(now(lists)).isEqualTo(SECOND);
        source.set(() -> FIRST);
        nanos.set(POLL.toNanos());
        discovery.look();
        discovery.look();
        assertThat(now(lists)).isEqualTo(SECOND);
        nanos.set(2 * POLL.toNanos());
        discovery.look();
        assertThat(now(lists)).isEqualTo(FIRST);
        assertThat(told())
                .containsExactly(
                        "LIST_REFUSED: 4 nodes differ, and one may be changed at a time",
                        "LIST_CHANGED: 3 nodes, new [127.0.0.1:3], gone []",
                        "LIST_REFUSED: another change is less than 20000 ms ago",
                        "LIST_CHANGED: 2 nodes, new [], gone [127.0.0.1:3]");
        lists.close();
    }

    @Test
    void theThreadAsksOnWhateverHappensAndWithoutARush() {
        AtomicInteger asked = new AtomicInteger();
        NodeLists lists = lists(ListRule.any());
        Discovery discovery = new Discovery(
                () -> {
                    Thread.currentThread().interrupt();
                    switch (asked.incrementAndGet()) {
                        case 1 -> throw new OutOfMemoryError("of the test");
                        case 2 -> throw new IOException("away");
                        default -> {
                            return SECOND;
                        }
                    }
                },
                lists,
                settings,
                Duration.ofMillis(100));
        long began = System.nanoTime();
        discovery.start();
        await().atMost(Rig.PATIENCE).until(() -> asked.get() >= 6);
        assertThat(System.nanoTime() - began)
                .isGreaterThan(Duration.ofMillis(500).toNanos());
        assertThat(now(lists)).isEqualTo(SECOND);
        discovery.close();
        lists.close();
        await().atMost(Rig.PATIENCE)
                .untilAsserted(() -> assertThat(Rig.threads()).doesNotContain("memcached list"));
    }

    @Test
    void aClosedClientAsksNoMoreAndItsThreadsEnd() {
        try (ClusterEndpoint endpoint = ClusterEndpoint.of("127.0.0.1:1")) {
            MemcachedClient client =
                    MemcachedClient.builder().cluster(endpoint.address()).build();
            assertThat(Rig.threads()).contains("memcached list");
            client.close();
            await().atMost(Rig.PATIENCE)
                    .untilAsserted(() -> assertThat(Rig.threads()).isEmpty());
            assertThat(endpoint.asked()).isEqualTo(1);
        }
    }

    @Test
    void aNameOfTheDnsIsAskedAgain() {
        AtomicReference<String[]> addresses = new AtomicReference<>(new String[] {"127.0.0.1"});
        try (MemcachedClient client = MemcachedClient.builder()
                .discover(NodeSource.dns(List.of("mc.test:1"), host -> {
                    String[] known = addresses.get();
                    InetAddress[] found = new InetAddress[known.length];
                    for (int i = 0; i < found.length; i++) {
                        found[i] = InetAddress.getByName(known[i]);
                    }
                    return found;
                }))
                .poll(Duration.ofSeconds(1))
                .build()) {
            assertThat(client.nodes()).extracting(MemcachedNode::name).containsExactly("127.0.0.1:1");
            addresses.set(new String[] {"127.0.0.2", "127.0.0.1"});
            await().atMost(Rig.PATIENCE)
                    .untilAsserted(() -> assertThat(client.nodes())
                            .extracting(MemcachedNode::name)
                            .containsExactly("127.0.0.2:1", "127.0.0.1:1"));
        }
    }

    // A cluster's configuration endpoint.

    private ClusterSource cluster(String... endpoints) {
        return new ClusterSource(
                List.of(endpoints).stream().map(NodeAddress::parse).toList(), settings);
    }

    @Test
    void aClusterIsAskedForItsListInEitherForm() throws IOException {
        try (ClusterEndpoint endpoint = ClusterEndpoint.of("127.0.0.1:1", "127.0.0.1:2")) {
            ClusterSource source = cluster(endpoint.address());
            assertThat(source.nodes()).isEqualTo(FIRST);
            endpoint.beOld().list("127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3");
            assertThat(source.nodes()).isEqualTo(SECOND);
        }
    }

    @Test
    void aVersionMayNotFallAndNotMeanTwoLists() throws IOException {
        try (ClusterEndpoint endpoint = ClusterEndpoint.of().list(7, "127.0.0.1:1", "127.0.0.1:2")) {
            ClusterSource source = cluster(endpoint.address());
            assertThat(source.nodes()).isEqualTo(FIRST);
            endpoint.list(6, "127.0.0.1:1");
            assertThatThrownBy(source::nodes).hasMessageContaining("version 6, and version 7 has been seen");
            endpoint.list(7, "127.0.0.1:1");
            assertThatThrownBy(source::nodes).hasMessageContaining("same version, 7");
            endpoint.list(7, "127.0.0.1:1", "127.0.0.1:2");
            assertThat(source.nodes()).isEqualTo(FIRST);
            endpoint.list(8, "127.0.0.1:1");
            assertThat(source.nodes()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "END\r\n",
                "SERVER_ERROR out of memory\r\n",
                "CLIENT_ERROR unauthenticated\r\n",
                "CONFIG cluster 0 3\r\n9\n\n\r\nEND\r\n",
                "CONFIG cluster 0 99999\r\n9\n",
                "CONFIG cluster 0 999999999\r\n9\n",
                "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
                "no line end",
                ""
            })
    void anEndpointThatMisbehavesChangesNothingAndTheNextOneIsAsked(String answer) throws IOException {
        try (ClusterEndpoint bad = ClusterEndpoint.of("127.0.0.1:1", "127.0.0.1:2");
                ClusterEndpoint good = ClusterEndpoint.of("127.0.0.1:1", "127.0.0.1:2")) {
            ClusterSource alone = cluster(bad.address());
            ClusterSource both = cluster(bad.address(), good.address());
            assertThat(alone.nodes()).isEqualTo(FIRST);
            bad.say(answer);
            assertThatThrownBy(alone::nodes).isInstanceOf(IOException.class).hasMessageContaining(bad.address());
            assertThat(both.nodes()).isEqualTo(FIRST);
            bad.heal();
            assertThat(alone.nodes()).isEqualTo(FIRST);
        }
    }

    @Test
    void anEndpointThatNeverEndsItsLineIsLeft() {
        try (ClusterEndpoint endpoint = ClusterEndpoint.of("127.0.0.1:1").say("x".repeat(10 << 20))) {
            assertThatThrownBy(cluster(endpoint.address())::nodes)
                    .hasMessageContaining("A line of more than 4096 bytes");
        }
    }

    @Test
    void anEndpointThatSpeaksTooSlowlyIsLeftAfterTwoSeconds() {
        try (ClusterEndpoint endpoint = ClusterEndpoint.of("127.0.0.1:1");
                FaultProxy proxy = before(endpoint)) {
            proxy.drip(Duration.ofMillis(200));
            long began = System.nanoTime();
            assertThatThrownBy(cluster(proxy.address())::nodes).hasMessageContaining("no answer within two seconds");
            assertThat(System.nanoTime() - began)
                    .isLessThan(Duration.ofSeconds(8).toNanos());
        }
    }

    private static FaultProxy before(ClusterEndpoint endpoint) {
        int colon = endpoint.address().indexOf(':');
        return FaultProxy.before(
                "127.0.0.1", Integer.parseInt(endpoint.address().substring(colon + 1)));
    }

    @Test
    void aPlainMemcachedTellsNoList() {
        try (MemcachedServer server = MemcachedServer.start()) {
            assertThatThrownBy(cluster(server.address())::nodes).hasMessageContaining("it tells no list of nodes");
        }
    }

    @Test
    void withoutAListTheStartFails() {
        try (ClusterEndpoint endpoint = ClusterEndpoint.of()) {
            MemcachedClient.Builder builder = MemcachedClient.builder().cluster(endpoint.address());
            assertThatThrownBy(builder::build)
                    .isInstanceOf(MemcachedException.class)
                    .hasMessageContaining("There is no list of nodes: " + endpoint.address());
        }
        assertThatThrownBy(() -> MemcachedClient.builder()
                        .discover(NodeSource.dns(List.of("mc"), host -> {
                            throw new UnknownHostException(host);
                        }))
                        .build())
                .isInstanceOf(MemcachedException.class)
                .hasMessage("There is no list of nodes: its name is not known");
        await().atMost(Rig.PATIENCE)
                .untilAsserted(() -> assertThat(Rig.threads()).isEmpty());
    }

    @Test
    void nodesComeFromOnePlace() {
        MemcachedClient.Builder two = MemcachedClient.builder().node("mc1").cluster("mc2");
        assertThatIllegalArgumentException()
                .isThrownBy(two::build)
                .withMessageContaining("by node, discover or cluster");
        MemcachedClient.Builder other =
                MemcachedClient.builder().discover(() -> FIRST).cluster("mc2");
        assertThatIllegalArgumentException().isThrownBy(other::build).withMessageContaining("one of them alone");
    }

    /** What polls is neither the timer nor a thread that callers need. */
    @Test
    void aSourceThatHangsHoldsUpNothing() {
        CountDownLatch over = new CountDownLatch(1);
        AtomicInteger asked = new AtomicInteger();
        try (MemcachedServer server = MemcachedServer.start()) {
            MemcachedClient client = MemcachedClient.builder()
                    .timeout(Duration.ofSeconds(5))
                    .discover(() -> {
                        if (asked.getAndIncrement() > 0) {
                            hang(over);
                        }
                        return list(server.address());
                    })
                    .poll(Duration.ofSeconds(1))
                    .build();
            await().atMost(Rig.PATIENCE).until(() -> asked.get() > 1);
            for (int i = 0; i < 100; i++) {
                assertThat(client.execute(Command.set("k" + i, new byte[10]).expire(60))
                                .status())
                        .isEqualTo(Reply.Status.DONE);
            }
            assertThat(Rig.fateOf(client.submit(Command.get("k").onlyOn(new ServerIdentity(1, 1)))))
                    .isEqualTo(MemcachedException.Fate.OTHER_SERVER);
            client.close();
            over.countDown();
        }
    }

    private static void hang(CountDownLatch over) throws IOException {
        try {
            over.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
