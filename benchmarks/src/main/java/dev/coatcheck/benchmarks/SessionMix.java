package dev.coatcheck.benchmarks;

import dev.coatcheck.memcached.Command;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.memcached.Reply;
import dev.coatcheck.test.MemcachedServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What a site asks of memcached: nine reads, which renew, to one write over what was read. Sessions of 1,000 bytes. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 3)
public class SessionMix {
    private static final int SESSIONS = 1_000;
    private static final int SESSION_BYTES = 1_000;
    private static final int LEASE = 1_202;
    private static final int CONNECTIONS = 2;

    private final byte[] session = new byte[SESSION_BYTES];
    private final List<BareSocket> sockets = new ArrayList<>();
    private final MemcachedServer server = MemcachedServer.start();
    private final MemcachedClient client = MemcachedClient.builder()
            .node(server.address())
            .connections(CONNECTIONS)
            .timeout(Duration.ofSeconds(1))
            .build();

    /** Starts a server. */
    public SessionMix() {}

    /** Fills it. */
    @Setup
    public void start() throws Exception {
        for (int i = 0; i < SESSIONS; i++) {
            client.execute(Command.set(key(i), session).expire(LEASE));
        }
        for (int i = 0; i < CONNECTIONS; i++) {
            sockets.add(new BareSocket(server.host(), server.port()));
        }
    }

    /** Stops all. */
    @TearDown
    public void stop() throws Exception {
        client.close();
        for (BareSocket socket : sockets) {
            socket.close();
        }
        server.close();
    }

    private static String key(int i) {
        return "cc:abcdefghijklmnopqrstuvwxyz" + (100_000 + i);
    }

    /** Through the client. */
    @Benchmark
    public long client() {
        int n = ThreadLocalRandom.current().nextInt(SESSIONS);
        String key = key(n);
        Reply read = client.execute(
                Command.get(key).value().cas().flags().secondsLeft().touch(LEASE));
        if (n % 10 == 0) {
            client.execute(Command.set(key, session)
                    .cas()
                    .clientFlags(4_096)
                    .expire(LEASE)
                    .ifCas(read.cas()));
        }
        return read.secondsLeft();
    }

    /** The same bytes through bare sockets. */
    @Benchmark
    public long bareSocket() throws Exception {
        int n = ThreadLocalRandom.current().nextInt(SESSIONS);
        String key = key(n);
        BareSocket socket = sockets.get(n % CONNECTIONS);
        byte[] read = socket.call(ascii("mg " + key + " v c f t T" + LEASE + " k O1\r\n"));
        if (n % 10 == 0) {
            byte[] head = ascii("ms " + key + " " + SESSION_BYTES + " c F4096 T" + LEASE + " C1 k O1\r\n");
            byte[] set = new byte[head.length + SESSION_BYTES + 2];
            System.arraycopy(head, 0, set, 0, head.length);
            System.arraycopy(session, 0, set, head.length, SESSION_BYTES);
            set[set.length - 2] = '\r';
            set[set.length - 1] = '\n';
            socket.call(set);
        }
        return read.length;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
