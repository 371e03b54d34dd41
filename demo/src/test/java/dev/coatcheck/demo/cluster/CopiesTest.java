package dev.coatcheck.demo.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.Envelope;
import dev.coatcheck.Envelope.Kind;
import dev.coatcheck.memcached.Command;
import dev.coatcheck.memcached.MemcachedClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The words of the help for what a node holds, of values that the test has put there. */
class CopiesTest {
    private static final String KEY = "key-of-a-session-0000000000000000";
    private final long end = Instant.now().plusSeconds(600).getEpochSecond();

    private final List<Node> nodes = Stream.of(1, 2, 3).map(Node::new).toList();

    @AfterEach
    void close() {
        nodes.forEach(Node::close);
    }

    private Envelope envelope(Kind kind, int version) {
        return new Envelope(kind, 0, 1, 0, version, end, List.of(1L));
    }

    private void put(int number, Envelope envelope) {
        try (MemcachedClient client = MemcachedClient.builder()
                .node(nodes.get(number - 1).address())
                .timeout(Duration.ofSeconds(10))
                .build()) {
            client.nodes().get(0).firstContact().join();
            Command set = Command.set("cc:" + KEY, envelope.bytes()).expire(600);
            assertThat(client.execute(set).status().name()).isEqualTo("DONE");
        }
    }

    /** Two looks: what is older than what was there a look before is not just being written. */
    private String line() {
        nodes.forEach(Node::look);
        nodes.forEach(Node::look);
        return Copies.of(nodes).get(0).line();
    }

    @Test
    void anOldCopyIsBehindAndTheOneThatHasNoneIsAWitness() {
        put(1, envelope(Kind.LIVE, 12));
        put(2, envelope(Kind.LIVE, 11));
        put(3, envelope(Kind.STUB, 12));
        assertThat(line()).matches("  session key-of-a +n1: v12 +n2: v11 behind +n3: witness v12");
        assertThat(Copies.of(nodes).get(0).current()).isEqualTo(1);
    }

    @Test
    void whatAFrozenNodeHeldIsSaidInBrackets() {
        put(1, envelope(Kind.LIVE, 12));
        put(2, envelope(Kind.LIVE, 12));
        nodes.get(0).freeze();
        assertThat(line()).matches("  session key-of-a +n1: \\(v12\\) +n2: v12 +n3: -");
        assertThat(Copies.of(nodes).get(0).current()).isEqualTo(1);
    }

    @Test
    void theMarksOfAnEndAndOfAnOldIdAreThePast() {
        put(1, Envelope.tomb(Instant.ofEpochSecond(end)));
        put(2, envelope(Kind.FORWARD, Envelope.TERMINAL_VERSION));
        put(3, envelope(Kind.MARKER, Envelope.TERMINAL_VERSION));
        assertThat(line()).matches("  past +key-of-a +n1: ended +n2: old id +n3: old id");
        assertThat(Copies.of(nodes).get(0).isSession()).isFalse();
    }

    @Test
    void aUsersListIsNoSession() {
        put(1, envelope(Kind.INDEX, 3));
        assertThat(line()).matches("  list +key-of-a +n1: v3 +n2: - +n3: -");
        assertThat(Copies.of(nodes).get(0).isList()).isTrue();
    }
}
