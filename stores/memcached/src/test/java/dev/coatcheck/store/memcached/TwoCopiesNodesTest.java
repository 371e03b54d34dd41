package dev.coatcheck.store.memcached;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.test.FaultProxy;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.SampleValue;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three servers of which each key has two, and what each is sent and keeps while one of them is away. */
class TwoCopiesNodesTest {
    private static final Duration LEASE = Duration.ofMinutes(20);
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int KEYS = 60;

    private final List<MemcachedServer> servers = new ArrayList<>();
    private final List<FaultProxy> wires = new ArrayList<>();
    private final List<MemcachedSessionStore> stores = new ArrayList<>();
    private final List<Key> keys = Stream.generate(SampleValue::key).limit(KEYS).toList();

    @AfterEach
    void close() {
        stores.forEach(MemcachedSessionStore::close);
        wires.forEach(FaultProxy::close);
        servers.forEach(MemcachedServer::close);
    }

    /** Three servers, the first one with these options. */
    private void start(String... optionsOfFirst) {
        for (int i = 0; i < 3; i++) {
            servers.add(i == 0 ? MemcachedServer.start(optionsOfFirst) : MemcachedServer.start());
            wires.add(FaultProxy.before(servers.get(i)));
        }
    }

    private MemcachedSessionStore open(String options, int... order) {
        String nodes = IntStream.of(order)
                .mapToObj(i -> "n" + i + "=" + wires.get(i).address())
                .collect(Collectors.joining(","));
        MemcachedSessionStore store =
                MemcachedSessionStore.open("memcached://" + nodes + "?copies=2&connections=1&" + options);
        stores.add(store);
        await().atMost(SOON).until(() -> store.nodes().stream().allMatch(MemcachedNode::isUp));
        return store;
    }

    private MemcachedSessionStore open() {
        return open("timeout=5s", 0, 1, 2);
    }

    private void createAll(MemcachedSessionStore store) {
        for (Key key : keys) {
            assertThat(store.create(key, SampleValue.live(1), LEASE).outcome()).isEqualTo(Outcome.STORED);
        }
    }

    private static Stored load(MemcachedSessionStore store, Key key) {
        return store.load(key, LEASE).orElseThrow();
    }

    private static void replace(MemcachedSessionStore store, Key key) {
        Stored seen = load(store, key);
        assertThat(store.replace(key, SampleValue.after(seen.value()), seen.version(), LEASE)
                        .outcome())
                .isEqualTo(Outcome.STORED);
    }

    private static String name(Key key) {
        return "cc:" + key.text();
    }

    /** By server, the keys of which it has all and not the envelope alone. */
    private List<Set<String>> copies() {
        return servers.stream()
                .map(server -> keys.stream()
                        .map(TwoCopiesNodesTest::name)
                        .filter(name -> server.get(name)
                                .filter(value -> value.length > Envelope.BYTES)
                                .isPresent())
                        .collect(Collectors.toSet()))
                .toList();
    }

    private List<Integer> serversWithCopyOf(Key key) {
        List<Set<String>> copies = copies();
        return IntStream.range(0, 3)
                .filter(i -> copies.get(i).contains(name(key)))
                .boxed()
                .toList();
    }

    private void cut(MemcachedSessionStore store, int server) {
        wires.get(server).refuse();
        await().atMost(SOON).until(() -> !store.nodes().get(server).isUp());
    }

    private void mend(MemcachedSessionStore store, int server) {
        wires.get(server).heal();
        await().atMost(SOON).until(() -> store.nodes().get(server).isUp());
    }

    private static void awaitNothingMissed(MemcachedSessionStore store) {
        await().atMost(SOON).until(() -> store.copyStats().missed().isEmpty());
    }

    private long commands() {
        return servers.stream().mapToLong(server -> server.commands().total()).sum();
    }

    @Test
    void eachKeyIsOnTwoServersInWhateverOrderTheyAreListed() {
        start();
        createAll(open());
        List<Set<String>> copies = copies();
        assertThat(copies).allSatisfy(of -> assertThat(of).hasSizeBetween(KEYS / 3, KEYS));
        assertThat(copies.stream().mapToInt(Set::size).sum()).isEqualTo(2 * KEYS);
        MemcachedSessionStore other = open("timeout=5s", 2, 0, 1);
        long before = commands();
        keys.forEach(key -> assertThat(load(other, key).version().number()).isEqualTo(1));
        assertThat(commands() - before).as("each at its two servers").isEqualTo(2 * KEYS);
    }

    @Test
    void whileAServerIsAwayNoSessionGoesToAnotherOneAndTheAwayOneGetsWhatItMissed() {
        start();
        MemcachedSessionStore store = open();
        createAll(store);
        List<Set<String>> before = copies();
        cut(store, 0);
        for (int round = 0; round < 3; round++) {
            keys.forEach(key -> replace(store, key));
        }
        assertThat(copies()).isEqualTo(before);
        mend(store, 0);
        awaitNothingMissed(store);
        for (Key key : keys) {
            assertThat(load(store, key).version().number()).isEqualTo(4);
            List<byte[]> values = servers.stream()
                    .map(server -> server.get(name(key)).orElse(new byte[0]))
                    .filter(value -> value.length > Envelope.BYTES)
                    .toList();
            assertThat(values).hasSize(2);
            assertThat(values.get(0)).isEqualTo(values.get(1));
        }
        assertThat(copies()).isEqualTo(before);
    }

    @Test
    void otherApplicationsItemsAreNeverTouched() {
        start();
        byte[] theirs = "theirs".getBytes(StandardCharsets.UTF_8);
        for (MemcachedServer server : servers) {
            server.put("theirs", theirs, Duration.ofHours(1));
            server.put("cc:theirs", theirs, Duration.ofHours(1));
        }
        MemcachedSessionStore store = open();
        createAll(store);
        cut(store, 0);
        for (Key key : keys) {
            replace(store, key);
            assertThat(store.end(key, Instant.now().plusSeconds(600))).isTrue();
        }
        mend(store, 0);
        awaitNothingMissed(store);
        Set<String> ours = keys.stream().map(TwoCopiesNodesTest::name).collect(Collectors.toSet());
        for (MemcachedServer server : servers) {
            assertThat(server.keys().stream().filter(key -> !ours.contains(key)))
                    .containsExactly("cc:theirs", "theirs");
            assertThat(server.get("theirs")).contains(theirs);
            assertThat(server.get("cc:theirs")).contains(theirs);
        }
    }

    /** It was cut off, and is started anew with what it had then: another process, and yet full of the past. */
    @Test
    void aServerThatComesBackWarmFromThePastIsBroughtToThePresent(@TempDir Path folder) throws Exception {
        Path memory =
                Files.isDirectory(Path.of("/dev/shm")) ? Files.createTempDirectory(Path.of("/dev/shm"), "cc") : folder;
        Path file = memory.resolve("memory");
        try {
            start("-e", file.toString(), "-m", "64");
            MemcachedSessionStore store = open();
            createAll(store);
            Set<String> before = copies().get(0);
            cut(store, 0);
            Instant until = Instant.now().plusSeconds(600);
            for (int i = 0; i < KEYS; i++) {
                if (i % 3 == 0) {
                    assertThat(store.end(keys.get(i), until)).isTrue();
                } else if (i % 3 == 1) {
                    replace(store, keys.get(i));
                }
            }
            servers.get(0).restartWarm();
            assertThat(copies().get(0)).as("it has the past").isEqualTo(before);
            // One that knows nothing of what was missed meets the past by itself.
            wires.get(0).heal();
            MemcachedSessionStore other = open();
            for (int i = 0; i < KEYS; i++) {
                Key key = keys.get(i);
                if (i % 3 == 0) {
                    assertThat(other.load(key, LEASE)).isEmpty();
                } else {
                    Stored found = load(other, key);
                    assertThat(found.version().number()).isEqualTo(i % 3 == 1 ? 2 : 1);
                    assertThat(found.idleFor()).isLessThan(Duration.ofMinutes(1));
                }
            }
            mend(store, 0);
            awaitNothingMissed(store);
            for (int i = 0; i < KEYS; i++) {
                byte[] there = servers.get(0).get(name(keys.get(i))).orElse(new byte[0]);
                if (before.contains(name(keys.get(i)))) {
                    assertThat(Envelope.of(there).version())
                            .isEqualTo(i % 3 == 0 ? Envelope.TERMINAL_VERSION : i % 3 == 1 ? 2 : 1);
                }
            }
        } finally {
            close();
            Files.deleteIfExists(file);
            Files.deleteIfExists(memory.resolve("memory.meta"));
            if (!memory.equals(folder)) {
                Files.deleteIfExists(memory);
            }
        }
    }

    @Test
    void aReadAsksBothServersInOneRoundTrip() throws Exception {
        start();
        MemcachedSessionStore store = open("timeout=50s", 0, 1, 2);
        Key key = keys.get(0);
        store.create(key, SampleValue.live(1), LEASE);
        List<Integer> two = serversWithCopyOf(key);
        assertThat(two).hasSize(2);
        two.forEach(i -> wires.get(i).resetCounters().acceptAndStaySilent());
        CompletableFuture<Stored> read = CompletableFuture.supplyAsync(() -> load(store, key));
        await("both were asked before either has answered")
                .atMost(SOON)
                .until(() -> two.stream().allMatch(i -> asked(i, "mg ") == 1));
        two.forEach(i -> wires.get(i).heal());
        assertThat(read.get(30, TimeUnit.SECONDS).version().number()).isEqualTo(1);
        assertThat(two).allMatch(i -> asked(i, "mg ") == 1);
    }

    /** Else of two writers each could win one of them. */
    @Test
    void aWriteGoesToOneServerWhenTheOtherHasAnswered() {
        start();
        MemcachedSessionStore store = open("timeout=500ms", 0, 1, 2);
        for (Key key : keys.subList(0, 6)) {
            store.create(key, SampleValue.live(1), LEASE);
            Stored seen = load(store, key);
            wires.forEach(wire -> wire.resetCounters().loseRequests());
            assertThat(store.replace(key, SampleValue.after(seen.value()), seen.version(), LEASE)
                            .outcome())
                    .isEqualTo(Outcome.UNKNOWN);
            assertThat(IntStream.range(0, 3).map(i -> asked(i, "ms ")).sum()).isEqualTo(1);
            wires.forEach(FaultProxy::heal);
            await().atMost(SOON).until(() -> store.nodes().stream().allMatch(MemcachedNode::isUp));
        }
    }

    private int asked(int server, String verb) {
        return (int) wires.get(server).requests().stream()
                .filter(line -> line.startsWith(verb))
                .count();
    }

    /** Whoever finds the bound reached at one server waits for nobody, and needs it no more than if it were away. */
    @Test
    void whoFindsTooManyAtASlowServerIsServedByTheOthersAtOnce() throws Exception {
        int places = 8;
        start();
        MemcachedSessionStore store = open("timeout=50s&maxOperations=" + places, 0, 1, 2);
        createAll(store);
        List<Set<String>> copies = copies();
        List<Key> slow =
                keys.stream().filter(key -> copies.get(0).contains(name(key))).toList();
        assertThat(slow).hasSizeGreaterThan(places);
        wires.get(0).acceptAndStaySilent();
        ExecutorService callers = Executors.newFixedThreadPool(slow.size());
        try {
            List<Future<Long>> reads = new ArrayList<>();
            for (Key key : slow) {
                reads.add(callers.submit(() -> read(store, key)));
            }
            await().atMost(SOON)
                    .until(() -> reads.stream().filter(Future::isDone).count() == slow.size() - places);
            wires.get(0).heal();
            for (Future<Long> read : reads) {
                assertThat(read.get(30, TimeUnit.SECONDS)).isEqualTo(1);
            }
        } finally {
            callers.shutdownNow();
        }
    }

    /** The others' bound may be reached for a moment too. */
    private static long read(MemcachedSessionStore store, Key key) {
        while (true) {
            try {
                return load(store, key).version().number();
            } catch (SessionUnavailableException e) {
                Thread.onSpinWait();
            }
        }
    }
}
