package dev.coatcheck.memcached;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.memcached.Reply.Status;
import dev.coatcheck.test.ClusterEndpoint;
import dev.coatcheck.test.FaultProxy;
import dev.coatcheck.test.MemcachedServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Four servers, of which the list names some, and others later. */
class ChangingListTest {
    private static final int KEYS = 10_000;

    private final List<MemcachedServer> servers =
            Stream.generate(MemcachedServer::start).limit(4).toList();
    private final Queue<NodeEvent> events = new ConcurrentLinkedQueue<>();

    @AfterEach
    void stop() {
        servers.forEach(MemcachedServer::close);
    }

    private String name(int server) {
        return servers.get(server).address();
    }

    private List<NodeSpec> list(int... order) {
        return IntStream.of(order).mapToObj(i -> NodeSpec.at(name(i))).toList();
    }

    private MemcachedClient open(int... order) {
        MemcachedClient.Builder builder = MemcachedClient.builder()
                .timeout(Duration.ofSeconds(5))
                .listener(event -> {
                    if (event.node().isEmpty()) {
                        events.add(event);
                    }
                });
        IntStream.of(order).forEach(i -> builder.node(name(i)));
        return builder.build();
    }

    private static void awaitUp(MemcachedClient client) {
        await().atMost(Rig.PATIENCE).until(() -> client.nodes().stream().allMatch(MemcachedNode::isUp));
    }

    private static void set(MemcachedClient client, String key) {
        assertThat(client.execute(Command.set(key, key.getBytes(UTF_8)).expire(600))
                        .status())
                .isEqualTo(Status.DONE);
    }

    private static boolean isOn(MemcachedNode node, String key) {
        return node.execute(Command.get(key)).status() == Status.DONE;
    }

    private long connections(int server) {
        // The one that asks is among them.
        return Long.parseLong(servers.get(server).stats().get("curr_connections"));
    }

    @Test
    void aNodeMoreTakesItsShareAndEveryKeyIsStillFoundAtItsFormerOwner() {
        try (MemcachedClient client = open(0, 1, 2)) {
            List<MemcachedNode> before = client.nodes();
            IntStream.range(0, KEYS).forEach(i -> set(client, "k" + i));
            assertThat(client.formerOwner("k0")).isNull();

            assertThat(client.change(list(0, 1, 2, 3))).isTrue();

            awaitUp(client);
            assertThat(client.nodes().subList(0, 3)).isEqualTo(before);
            MemcachedNode added = client.nodes().get(3);
            int moved = 0;
            for (int i = 0; i < KEYS; i++) {
                String key = "k" + i;
                MemcachedNode former = client.formerOwner(key);
                if (former == null) {
                    assertThat(isOn(client.owner(key), key)).isTrue();
                } else {
                    moved++;
                    assertThat(client.owner(key)).isSameAs(added);
                    assertThat(isOn(added, key)).isFalse();
                    assertThat(isOn(former, key)).isTrue();
                }
            }
            assertThat(moved).isBetween(KEYS / 4 - 250, KEYS / 4 + 250);
        }
    }

    @Test
    void theOrderOfAListIsNoChange() {
        try (MemcachedClient client = open(0, 1, 2);
                MemcachedClient other = open(2, 0, 1)) {
            assertThat(client.change(list(2, 1, 0))).isFalse();
            assertThat(client.nodes()).extracting(MemcachedNode::name).containsExactly(name(0), name(1), name(2));
            assertThat(client.placement().formerNodes()).isEmpty();
            assertThat(client.listChangedFor()).isGreaterThan(Duration.ofDays(1));
            assertThat(events).isEmpty();
            for (int i = 0; i < KEYS; i++) {
                assertThat(other.owner("k" + i).name())
                        .isEqualTo(client.owner("k" + i).name());
            }
        }
    }

    @Test
    void aChangeIsToldWithItsTime() {
        try (MemcachedClient client = open(0, 1)) {
            assertThat(client.listChangedFor()).isGreaterThan(Duration.ofDays(1));
            client.change(list(1, 2));
            assertThat(client.listChangedFor()).isLessThan(Duration.ofMinutes(1));
            assertThat(events)
                    .containsExactly(new NodeEvent(
                            NodeEvent.Kind.LIST_CHANGED, "", "2 nodes, new [" + name(2) + "], gone [" + name(0) + "]"));
        }
    }

    @Test
    void whatLeavesTwoListsIsClosedAndWhatStaysKeepsItsConnections() {
        long idle = connections(0);
        try (MemcachedClient client = open(0, 1)) {
            awaitUp(client);
            MemcachedNode stays = client.nodes().get(1);
            client.change(list(1, 2));
            awaitUp(client);
            assertThat(client.placement().formerNodes())
                    .extracting(MemcachedNode::name)
                    .containsExactly(name(0), name(1));
            client.change(list(1, 2, 3));
            awaitUp(client);
            await().atMost(Rig.PATIENCE).until(() -> connections(0) <= idle);
            await().atMost(Rig.PATIENCE)
                    .untilAsserted(() -> assertThat(Rig.threads()).noneMatch(thread -> thread.contains(name(0))));
            assertThat(client.nodes()).contains(stays);
            assertThat(stays.stats().connections()).isEqualTo(2);
        }
    }

    @Test
    void aListThatIsForgottenLeavesNothing() {
        long idle = connections(0);
        try (MemcachedClient client = open(0, 1)) {
            awaitUp(client);
            client.change(list(1));
            assertThat(client.formerOwner(keyOf(client, 0))).isNotNull();
            client.forgetFormer();
            assertThat(client.placement().formerNodes()).isEmpty();
            assertThat(client.formerOwner("k")).isNull();
            await().atMost(Rig.PATIENCE).until(() -> connections(0) <= idle);
        }
    }

    /** One that the server had under the list of before. */
    private String keyOf(MemcachedClient client, int server) {
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> "k" + i)
                .filter(key -> {
                    MemcachedNode former = client.formerOwner(key);
                    return former != null && former.name().equals(name(server));
                })
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aNodeThatComesBackIsTheSameOne() {
        long idle = connections(2);
        try (MemcachedClient client = open(0, 1)) {
            awaitUp(client);
            MemcachedNode first = client.nodes().get(0);
            client.change(list(1));
            client.change(list(0, 1));
            assertThat(client.nodes()).contains(first);
            // Out of both lists, and back before it is closed.
            client.change(list(1));
            client.change(list(1, 2));
            assertThat(client.placement().formerNodes()).doesNotContain(first);
            client.change(list(0, 1));
            assertThat(client.nodes()).contains(first);
            // What left after it is closed, and so would it have been.
            client.forgetFormer();
            await().atMost(Rig.PATIENCE).until(() -> connections(2) <= idle);
            assertThat(isOn(first, "k")).isFalse();
            assertThat(first.stats().connections()).isEqualTo(2);
        }
    }

    @Test
    void aNodeThatComesBackAfterItsEndIsConnectedAnew() {
        long idle = connections(0);
        try (MemcachedClient client = open(0, 1)) {
            awaitUp(client);
            client.change(list(1));
            client.forgetFormer();
            await().atMost(Rig.PATIENCE).until(() -> connections(0) <= idle);
            client.change(list(0, 1));
            awaitUp(client);
            for (int i = 0; i < 100; i++) {
                set(client, "k" + i);
            }
        }
    }

    @Test
    void aCommandOnItsWayToANodeThatLeavesIsStillAnswered() throws Exception {
        long idle = connections(2);
        try (FaultProxy proxy = FaultProxy.before(servers.get(0));
                MemcachedClient client = MemcachedClient.builder()
                        .timeout(Duration.ofSeconds(30))
                        .connections(1)
                        .node(proxy.address())
                        .node(name(2))
                        .build()) {
            awaitUp(client);
            MemcachedNode leaving = client.nodes().get(0);
            proxy.acceptAndStaySilent();
            CompletableFuture<Reply> reply =
                    leaving.submit(Command.set("k", new byte[1]).expire(60));
            client.change(list(1));
            client.forgetFormer();
            // The other one that leaves is closed by then.
            await().atMost(Rig.PATIENCE).until(() -> connections(2) <= idle);
            assertThat(reply).isNotDone();
            proxy.heal();
            assertThat(Rig.result(reply).status()).isEqualTo(Status.DONE);
            await().atMost(Rig.PATIENCE).until(() -> proxy.openConnections() == 0);
        }
    }

    @Test
    void aChangeUnderLoadLosesNoCommandAndClosesNothingThatStays() throws Exception {
        long seed = System.nanoTime();
        System.out.println("Changes under load, seed " + seed);
        Random random = new Random(seed);
        AtomicBoolean over = new AtomicBoolean();
        AtomicLong answered = new AtomicLong();
        Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();
        try (MemcachedClient client = open(0, 1)) {
            awaitUp(client);
            MemcachedNode stays = client.nodes().get(0);
            CountDownLatch ended = new CountDownLatch(16);
            for (int i = 0; i < 16; i++) {
                String own = "caller" + i + "-";
                Thread caller = new Thread(() -> {
                    try {
                        for (int n = 0; !over.get(); n++) {
                            use(client, own + n % 500);
                            answered.addAndGet(2);
                        }
                    } catch (Exception | AssertionError e) {
                        wrong.add(e);
                    } finally {
                        ended.countDown();
                    }
                });
                caller.setDaemon(true);
                caller.start();
            }
            for (int change = 0; change < 100; change++) {
                List<NodeSpec> rest = new ArrayList<>(list(1, 2, 3));
                Collections.shuffle(rest, random);
                List<NodeSpec> next = new ArrayList<>(rest.subList(0, random.nextInt(4)));
                next.add(NodeSpec.at(name(0)));
                client.change(next);
                long goal = answered.get() + 200;
                await().atMost(Rig.PATIENCE)
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> answered.get() >= goal || !wrong.isEmpty());
            }
            over.set(true);
            assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(wrong).as("seed %d", seed).isEmpty();
            assertThat(client.nodes()).contains(stays);
            assertThat(stays.stats().connections()).isEqualTo(2);
            assertThat(stays.stats().notSent() + stays.stats().timeouts()).isZero();
        }
    }

    /** A machine that is too busy to answer a new connection within three seconds is no fault of the list's. */
    private static void use(MemcachedClient client, String key) throws Exception {
        try {
            set(client, key);
            Rig.result(client.submit(Command.get(key)));
        } catch (MemcachedException e) {
            if (!e.getMessage().contains("no answer within 3 seconds of connecting")) {
                throw e;
            }
        }
    }

    @Test
    void anotherAddressUnderTheSameNameIsNoFormerOwner() {
        long idle = connections(0);
        try (MemcachedClient client = MemcachedClient.builder()
                .node("a", name(0), "east")
                .node("b", name(1))
                .build()) {
            assertThat(client.nodes()).extracting(MemcachedNode::zone).containsExactly("east", "");
            client.change(List.of(new NodeSpec("a", name(2), "west"), new NodeSpec("b", name(1), "")));
            awaitUp(client);
            assertThat(client.nodes()).extracting(MemcachedNode::zone).containsExactly("west", "");
            for (int i = 0; i < 1_000; i++) {
                assertThat(client.formerOwner("k" + i)).isNull();
                set(client, "k" + i);
            }
            assertThat(servers.get(0).keys()).isEmpty();
            assertThat(servers.get(2).keys()).isNotEmpty();
            await().atMost(Rig.PATIENCE).until(() -> connections(0) <= idle);
        }
    }

    @Test
    void theListOfBeforeMayBeGivenAtTheStart() {
        try (MemcachedClient before = open(0, 1)) {
            IntStream.range(0, 1_000).forEach(i -> set(before, "k" + i));
        }
        try (MemcachedClient client = MemcachedClient.builder()
                .timeout(Duration.ofSeconds(5))
                .node(name(1))
                .node(name(2))
                .former(name(0))
                .former(name(1))
                .build()) {
            int found = 0;
            for (int i = 0; i < 1_000; i++) {
                MemcachedNode former = client.formerOwner("k" + i);
                found += isOn(former == null ? client.owner("k" + i) : former, "k" + i) ? 1 : 0;
            }
            assertThat(found).isEqualTo(1_000);
            assertThat(client.placement().formerNodes().get(1))
                    .isSameAs(client.nodes().get(0));
            assertThat(client.listChangedFor()).isGreaterThan(Duration.ofDays(1));
        }
    }

    @Test
    void aListThatIsNoneOrIsRefusedLeavesTheOneThatIsThere() {
        try (MemcachedClient client = MemcachedClient.builder()
                .node(name(0))
                .listRule((now, next, unchangedFor) -> next.size() > now.size() ? "no more than there are" : null)
                .build()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.change(List.of()))
                    .withMessageContaining("nodes = 0");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.change(list(1, 1)))
                    .withMessageContaining("there already");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.change(list(0, 1)))
                    .withMessage("no more than there are");
            assertThat(client.nodes()).extracting(MemcachedNode::name).containsExactly(name(0));
            assertThat(client.change(list(1))).isTrue();
        }
    }

    @Test
    void withTlsNoSocketOfTheFileSystemJoins() throws Exception {
        try (MemcachedClient client = MemcachedClient.builder()
                .node(name(0))
                .tls(SSLContext.getDefault())
                .build()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.change(List.of(NodeSpec.at("unix:/run/m.sock"))))
                    .withMessageContaining("tls");
        }
        MemcachedClient.Builder formerly = MemcachedClient.builder()
                .node(name(0))
                .former("unix:/run/m.sock")
                .tls(SSLContext.getDefault());
        assertThatIllegalArgumentException().isThrownBy(formerly::build).withMessageContaining("tls");
    }

    @Test
    void aClosedClientHasTheListThatItHad() {
        MemcachedClient client = open(0);
        client.close();
        assertThatIllegalStateException().isThrownBy(() -> client.change(list(1)));
        assertThatIllegalStateException().isThrownBy(client::forgetFormer);
        assertThat(client.nodes()).hasSize(1);
    }

    @Test
    void aClientClosesWhatItWasAboutToClose() {
        long idle = connections(0);
        MemcachedClient client = open(0, 1);
        awaitUp(client);
        client.change(list(1));
        client.forgetFormer();
        client.close();
        await().atMost(Rig.PATIENCE).until(() -> connections(0) <= idle);
        await().atMost(Rig.PATIENCE)
                .untilAsserted(() -> assertThat(Rig.threads()).isEmpty());
    }

    @Test
    void aClusterThatGrowsIsFollowed() {
        try (ClusterEndpoint endpoint = ClusterEndpoint.of(name(0), name(1));
                MemcachedClient client = MemcachedClient.builder()
                        .timeout(Duration.ofSeconds(5))
                        .cluster(endpoint.address())
                        .poll(Duration.ofSeconds(1))
                        .build()) {
            assertThat(client.nodes()).extracting(MemcachedNode::name).containsExactly(name(0), name(1));
            set(client, "k");
            endpoint.list(name(0), name(1), name(2));
            await().atMost(Rig.PATIENCE).until(() -> client.nodes().size() == 3);
            endpoint.say("CONFIG cluster 0 6\r\n9\n\n\n\n\r\nEND\r\n");
            long asked = endpoint.asked();
            await().atMost(Rig.PATIENCE).until(() -> endpoint.asked() >= asked + 2);
            assertThat(client.nodes()).hasSize(3);
            endpoint.heal().list(name(2));
            await().atMost(Rig.PATIENCE).until(() -> client.nodes().size() == 1);
            set(client, "k");
            assertThat(servers.get(2).keys()).contains("k");
        }
    }
}
