package dev.coatcheck.store.memcached;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.memcached.NodeSpec;
import dev.coatcheck.memcached.Placement;
import dev.coatcheck.memcached.ServerIdentity;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.SampleValue;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The list of nodes changes: sessions go with their node, and none is in two places, lost, or brought back. */
class MovedSessionsTest {
    private static final Duration LEASE = Duration.ofMinutes(20);
    private static final int KEYS = 120;

    private final List<MemcachedServer> servers =
            Stream.generate(MemcachedServer::start).limit(4).toList();
    private final List<Key> keys = Stream.generate(SampleValue::key).limit(KEYS).toList();
    private final List<SessionStore> opened = new ArrayList<>();

    @AfterEach
    void close() {
        opened.forEach(SessionStore::close);
        servers.forEach(MemcachedServer::close);
    }

    private NodeSpec spec(int server) {
        return new NodeSpec("n" + server, servers.get(server).address(), "");
    }

    private List<NodeSpec> specs(int... list) {
        return IntStream.of(list).mapToObj(this::spec).toList();
    }

    /** An application server with a list of nodes. */
    private final class Server {
        final MemcachedClient client;
        final SessionStore store;

        Server(boolean twoCopies, int... list) {
            MemcachedClient.Builder builder = MemcachedClient.builder().timeout(Duration.ofSeconds(5));
            specs(list).forEach(node -> builder.node(node.name(), node.address(), node.zone()));
            client = builder.build();
            client.nodes().forEach(node -> node.firstContact().join());
            store = new MemcachedSessionStore(new Copies.Parts(client, "cc:", 262_144, Clock.systemUTC()), twoCopies);
            opened.add(store);
        }

        void change(int... list) {
            client.change(specs(list));
            client.nodes().forEach(node -> node.firstContact().join());
        }

        Optional<Stored> load(Key key) {
            return store.load(key, LEASE);
        }
    }

    private void createAll(Server server) {
        keys.forEach(key -> assertThat(
                        server.store.create(key, SampleValue.live(1), LEASE).outcome())
                .isEqualTo(Outcome.STORED));
    }

    private void allAreThere(Server server) {
        assertThat(keys).allSatisfy(key -> {
            Stored stored = server.load(key).orElseThrow();
            assertThat(Envelope.of(stored.value()).storeBits()).isZero();
            assertThat(stored.version().number()).isEqualTo(1);
            assertThat(stored.idleFor()).isLessThan(Duration.ofMinutes(5));
        });
    }

    private long commands() {
        return servers.stream().mapToLong(server -> server.commands().total()).sum();
    }

    /** How many servers have a session under the key that could be shown. */
    private long places(Key key) {
        return servers.stream()
                .map(server -> server.get("cc:" + key.text()))
                .flatMap(Optional::stream)
                .filter(value -> Envelope.of(value).kind() == Envelope.Kind.LIVE)
                .count();
    }

    @Test
    void sessionsMoveToANodeThatIsAddedWhenTheyAreNextUsed() {
        Server server = new Server(false, 0, 1, 2);
        createAll(server);
        server.change(0, 1, 2, 3);
        long before = commands();
        allAreThere(server);
        long cost = commands() - before;
        long moved = servers.get(3).keys().size();
        assertThat(moved).isBetween(KEYS / 8L, KEYS / 2L);
        assertThat(cost).as("one command, and five more for what moves").isEqualTo(KEYS + 5 * moved);
        assertThat(keys).allSatisfy(key -> assertThat(places(key)).isEqualTo(1));
        before = commands();
        allAreThere(server);
        assertThat(commands() - before).isEqualTo(KEYS);
    }

    @Test
    void aServerThatIsStartedAfterTheChangeIsToldTheListBefore() {
        createAll(new Server(false, 0, 1, 2));
        String before = IntStream.range(0, 3)
                .mapToObj(i -> "n" + i + "=" + servers.get(i).address())
                .reduce((a, b) -> a + "," + b)
                .orElseThrow();
        String url = "memcached://" + before + ",n3=" + servers.get(3).address() + "?timeout=5s&former=" + before;
        try (SessionStore store = SessionStore.open(url)) {
            assertThat(keys)
                    .allSatisfy(key -> assertThat(store.load(key, LEASE)).isPresent());
        }
    }

    @Test
    void sessionsMoveFromANodeThatIsTakenAwayAndBackAgain() {
        Server server = new Server(false, 0, 1, 2);
        createAll(server);
        for (int round = 0; round < 3; round++) {
            server.change(0, 1);
            allAreThere(server);
            server.change(0, 1, 2);
            allAreThere(server);
        }
        assertThat(keys).allSatisfy(key -> assertThat(places(key)).isEqualTo(1));
    }

    @Test
    void whatWasMovedCannotBeUsedByTheListBefore() {
        Server late = new Server(false, 0, 1, 2);
        Server server = new Server(false, 0, 1, 2);
        createAll(late);
        List<Stored> seen =
                keys.stream().map(key -> late.load(key).orElseThrow()).toList();
        server.change(0, 1, 2, 3);
        allAreThere(server);
        int moved = 0;
        for (int i = 0; i < KEYS; i++) {
            Key key = keys.get(i);
            if (server.client.formerOwner("cc:" + key.text()) == null) {
                continue;
            }
            moved++;
            assertThatThrownBy(() -> late.load(key))
                    .isInstanceOf(SessionUnavailableException.class)
                    .hasMessageContaining("moved");
            assertThat(late.store
                            .replace(key, SampleValue.live(2), seen.get(i).version(), LEASE)
                            .outcome())
                    .isEqualTo(Outcome.CONFLICT);
        }
        assertThat(moved).isPositive();
    }

    private boolean isElsewhere(Server server, Key key) {
        return server.client.formerOwner("cc:" + key.text()) != null;
    }

    @Test
    void aNewSessionWhoseKeyHadAnotherNodeCostsOneCommandMore() {
        Server server = new Server(false, 0, 1, 2);
        server.change(0, 1, 2, 3);
        long elsewhere = keys.stream().filter(key -> isElsewhere(server, key)).count();
        assertThat(elsewhere).isBetween(KEYS / 8L, KEYS / 2L);
        long before = commands();
        createAll(server);
        assertThat(commands() - before).isEqualTo(KEYS + elsewhere);
    }

    @Test
    void whatBeganUnderTheNewListIsNotAbsentToTheListBefore() {
        Server late = new Server(false, 0, 1, 2);
        Server server = new Server(false, 0, 1, 2);
        server.change(0, 1, 2, 3);
        createAll(server);
        allAreThere(server);
        assertThat(keys).anyMatch(key -> isElsewhere(server, key)).allSatisfy(key -> {
            if (isElsewhere(server, key)) {
                assertThatThrownBy(() -> late.load(key)).isInstanceOf(SessionUnavailableException.class);
            } else {
                assertThat(late.load(key)).isPresent();
            }
        });
    }

    @Test
    void aFormerNodeThatIsAwayKeepsNoNewSessionFromBeginning() {
        Server server = new Server(false, 0, 1, 2);
        server.change(1, 2);
        servers.get(0).kill();
        createAll(server);
    }

    @Test
    void anEndUnderTheListBeforeIsNotConfirmedWhereTheSessionHasMovedOn() {
        Server late = new Server(false, 0, 1, 2);
        Server server = new Server(false, 0, 1, 2);
        createAll(late);
        server.change(0, 1, 2, 3);
        allAreThere(server);
        Instant until = Instant.now().plusSeconds(3_600);
        List<Key> moved = keys.stream().filter(key -> isElsewhere(server, key)).toList();
        assertThat(moved).isNotEmpty().allSatisfy(key -> {
            assertThatThrownBy(() -> late.load(key)).isInstanceOf(SessionUnavailableException.class);
            assertThat(late.store.end(key, until)).isFalse();
            assertThatThrownBy(() -> late.load(key)).isInstanceOf(SessionUnavailableException.class);
            assertThat(server.load(key)).isPresent();
        });
        late.change(0, 1, 2, 3);
        assertThat(moved).allSatisfy(key -> {
            assertThat(late.store.end(key, until)).isTrue();
            assertThat(server.load(key)).isEmpty();
        });
    }

    /** Servers in containers may have the same process id and start in the same second. */
    @Test
    void aVersionIsGoodForTheNodeThatGaveItAlone() {
        Server server = new Server(false, 0, 1, 2);
        Key key = keys.get(0);
        server.store.create(key, SampleValue.live(1), LEASE);
        MemcachedVersion seen =
                (MemcachedVersion) server.load(key).orElseThrow().version();
        MemcachedVersion other = new MemcachedVersion(seen.number(), seen.cas(), seen.server(), "another");
        assertThat(server.store.replace(key, SampleValue.live(2), other, LEASE).outcome())
                .isEqualTo(Outcome.CONFLICT);
        assertThat(server.store.end(key, other, Instant.now().plusSeconds(60))).isEqualTo(Outcome.CONFLICT);
        assertThat(server.store.replace(key, SampleValue.live(2), seen, LEASE).outcome())
                .isEqualTo(Outcome.STORED);
    }

    @Test
    void whatAnotherHasJustMovedIsHandedOutWithoutTheStoresOwnBit() {
        Envelope envelope = Envelope.of(SampleValue.live(1));
        Envelope half =
                new Envelope(envelope.kind(), envelope.leaseClass(), 1, 1, 1, envelope.end(), envelope.writeIds());
        Envelope empty = new Envelope(
                Envelope.Kind.MOVED,
                envelope.leaseClass(),
                1,
                0,
                Envelope.TERMINAL_VERSION,
                envelope.end(),
                envelope.writeIds());
        CopyStep<Optional<NodeAnswer.Found>> step =
                new Relocation(new CopyLives(Clock.systemUTC()), LEASE, true).load();
        step = answer(step, Relocation.OWNER, new NodeAnswer.Absent());
        step = answer(step, Relocation.FORMER, found(empty));
        step = answer(step, Relocation.OWNER, found(half));
        step = answer(step, Relocation.FORMER, found(empty));
        step = answer(step, Relocation.OWNER, new NodeAnswer.Done(new NodeState(2, new ServerIdentity(1, 0))));
        byte[] value = ((CopyStep.Done<Optional<NodeAnswer.Found>>) step)
                .result()
                .orElseThrow()
                .value();
        assertThat(Envelope.of(value).storeBits()).isZero();
    }

    private static NodeAnswer found(Envelope envelope) {
        NodeValue value = NodeValue.of(envelope.bytes(), envelope);
        return new NodeAnswer.Found(new NodeState(1, new ServerIdentity(1, 0)), value.flags(), value.bytes(), 1_200);
    }

    private static <R> CopyStep<R> answer(CopyStep<R> step, int place, NodeAnswer answer) {
        CopyStep.Ask<R> ask = (CopyStep.Ask<R>) step;
        assertThat(ask.calls()).extracting(CopyStep.Call::place).containsExactly(place);
        return ask.then().apply(List.of(answer));
    }

    @Test
    void whatIsEndedStaysOutWhicheverListSomebodyHas() {
        Server late = new Server(false, 0, 1, 2);
        Server server = new Server(false, 0, 1, 2);
        createAll(late);
        server.change(0, 1, 2, 3);
        Instant until = Instant.now().plusSeconds(3_600);
        for (int i = 0; i < KEYS; i++) {
            Key key = keys.get(i);
            if (i % 2 == 0) {
                assertThat(server.store.end(key, until)).isTrue();
            } else {
                Stored stored = server.load(key).orElseThrow();
                assertThat(server.store.end(key, stored.version(), until)).isEqualTo(Outcome.GONE);
            }
            assertThat(server.load(key)).isEmpty();
            assertThat(late.load(key)).isEmpty();
            assertThat(places(key)).isZero();
        }
        late.change(0, 1, 2, 3);
        assertThat(keys).allSatisfy(key -> assertThat(late.load(key)).isEmpty());
    }

    @Test
    void aFormerOwnerThatIsAwayIsNoAbsence() {
        Server server = new Server(false, 0, 1, 2);
        createAll(server);
        servers.get(0).kill();
        server.change(0, 1, 2, 3);
        for (Key key : keys) {
            MemcachedNode former = server.client.formerOwner("cc:" + key.text());
            if (former != null && former.name().equals("n0")) {
                assertThatThrownBy(() -> server.load(key)).isInstanceOf(SessionUnavailableException.class);
            }
        }
    }

    @Test
    void whatWasOnANodeThatIsGoneIsUnavailableUntilTheNextChangeAndThenAbsent() {
        Server server = new Server(false, 0, 1, 2);
        createAll(server);
        List<Key> gone = keys.stream()
                .filter(key -> servers.get(0).get("cc:" + key.text()).isPresent())
                .toList();
        servers.get(0).kill();
        server.change(1, 2);
        assertThat(gone)
                .isNotEmpty()
                .allSatisfy(key ->
                        assertThatThrownBy(() -> server.load(key)).isInstanceOf(SessionUnavailableException.class));
        server.change(1, 2, 3);
        assertThat(gone).allSatisfy(key -> assertThat(server.load(key)).isEmpty());
    }

    /** So many commands of a move are carried out; then its process is killed. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void aMoveThatDoesNotEndIsEndedByTheNext(int commands) {
        Server dying = new Server(false, 0, 1, 2);
        createAll(dying);
        dying.change(0, 1, 2, 3);
        Server next = new Server(false, 0, 1, 2);
        next.change(0, 1, 2, 3);
        CopyLives lives = new CopyLives(Clock.systemUTC());
        for (Key key : keys) {
            Placement placement = dying.client.placement();
            String name = "cc:" + key.text();
            MemcachedNode former = placement.formerOwner(name);
            if (former == null) {
                continue;
            }
            List<MemcachedNode> places = List.of(placement.owner(name), former);
            CopyDriver driver = new CopyDriver(name, places, Duration.ofSeconds(5), Clock.systemUTC());
            CopyStep<?> step = new Relocation(lives, LEASE, true).load();
            for (int i = 0; i < commands && step instanceof CopyStep.Ask<?> ask; i++) {
                step = one(driver, ask);
            }
        }
        allAreThere(next);
        assertThat(keys).allSatisfy(key -> assertThat(places(key)).isEqualTo(1));
    }

    private static <R> CopyStep<R> one(CopyDriver driver, CopyStep.Ask<R> ask) {
        return driver.run(new CopyStep.Ask<>(
                ask.calls(), answers -> new CopyStep.Done<>(ask.then().apply(answers))));
    }

    @RepeatedTest(10)
    void serversThatHearOfTheChangeOneAfterAnotherLoseNoWrite() throws Exception {
        Server first = new Server(false, 0, 1, 2);
        Server second = new Server(false, 0, 1, 2);
        createAll(first);
        List<AtomicInteger> written =
                Stream.generate(AtomicInteger::new).limit(KEYS).toList();
        AtomicInteger unavailable = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Callable<Void>> work = new ArrayList<>();
            for (Server server : List.of(first, second)) {
                work.add(() -> {
                    for (int round = 0; round < 20; round++) {
                        for (int i = 0; i < KEYS; i++) {
                            write(server, i, written.get(i), unavailable);
                        }
                    }
                    return null;
                });
            }
            work.add(() -> {
                first.change(0, 1, 2, 3);
                second.change(0, 1, 2, 3);
                return null;
            });
            for (Future<Void> done : threads.invokeAll(work)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
        for (int i = 0; i < KEYS; i++) {
            long version = first.load(keys.get(i)).orElseThrow().version().number();
            assertThat(version).isEqualTo(1 + written.get(i).get());
        }
        System.out.printf(
                "%d writes while the list changed, %d unavailable%n",
                written.stream().mapToInt(AtomicInteger::get).sum(), unavailable.get());
    }

    private void write(Server server, int number, AtomicInteger written, AtomicInteger unavailable) {
        try {
            Stored seen = server.load(keys.get(number)).orElseThrow();
            int version = Math.toIntExact(seen.version().number()) + 1;
            if (server.store
                            .replace(keys.get(number), SampleValue.live(version), seen.version(), LEASE)
                            .outcome()
                    == Outcome.STORED) {
                written.incrementAndGet();
            }
        } catch (SessionUnavailableException e) {
            unavailable.incrementAndGet(); // its list is old
        }
    }

    @Test
    void withTwoCopiesSessionsAreFoundWhereTheyAre() {
        Server server = new Server(true, 0, 1, 2);
        createAll(server);
        server.change(0, 1, 2, 3);
        allAreThere(server);
        long moved = servers.get(3).keys().size();
        assertThat(moved).as("two of four servers have a key").isBetween(KEYS / 4L, KEYS * 3L / 4);
        long before = commands();
        allAreThere(server);
        assertThat(commands() - before).as("and that was all").isEqualTo(2 * KEYS);
        server.change(1, 2, 3);
        allAreThere(server);
        server.change(0, 1, 2, 3);
        allAreThere(server);
    }

    @Test
    void withTwoCopiesAndZonesBothAreNeverInOne() {
        MemcachedClient.Builder builder = MemcachedClient.builder().timeout(Duration.ofSeconds(5));
        for (int i = 0; i < 4; i++) {
            builder.node("n" + i, servers.get(i).address(), i < 2 ? "east" : "west");
        }
        MemcachedClient client = builder.build();
        client.nodes().forEach(node -> node.firstContact().join());
        try (SessionStore store =
                new MemcachedSessionStore(new Copies.Parts(client, "cc:", 262_144, Clock.systemUTC()), true)) {
            keys.forEach(key -> store.create(key, SampleValue.live(1), LEASE));
        }
        for (Key key : keys) {
            String name = "cc:" + key.text();
            long east = Stream.of(0, 1)
                    .filter(i -> servers.get(i).get(name).isPresent())
                    .count();
            long west = Stream.of(2, 3)
                    .filter(i -> servers.get(i).get(name).isPresent())
                    .count();
            assertThat(List.of(east, west)).containsExactly(1L, 1L);
        }
    }
}
