package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClusterEndpointTest {
    private final ClusterEndpoint endpoint = ClusterEndpoint.of("10.0.0.1:11211", "mc2.example.org:11212");

    @AfterEach
    void close() {
        endpoint.close();
    }

    private MemcachedTalk talk() throws IOException {
        int colon = endpoint.address().indexOf(':');
        int port = Integer.parseInt(endpoint.address().substring(colon + 1));
        return MemcachedTalk.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Duration.ofMillis(500));
    }

    private String ask(String question, int bytes) throws IOException {
        try (MemcachedTalk talk = talk()) {
            talk.send(question + "\r\n");
            return new String(talk.exactly(bytes), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void theListIsToldAsElastiCacheTellsIt() throws IOException {
        String told = "CONFIG cluster 0 49\r\n1\n10.0.0.1|10.0.0.1|11211 mc2.example.org||11212\n\r\nEND\r\n";
        assertThat(endpoint.answer()).isEqualTo(told);
        assertThat(ask("config get cluster", told.length())).isEqualTo(told);
        assertThat(endpoint.asked()).isEqualTo(1);
    }

    @Test
    void aNewListHasTheNextVersionUnlessAnotherIsGiven() {
        assertThat(endpoint.list("10.0.0.1:1").answer()).contains("\r\n2\n10.0.0.1|10.0.0.1|1\n\r\n");
        assertThat(endpoint.list(9, "10.0.0.1:1").answer()).contains("\r\n9\n");
        assertThat(endpoint.list().answer()).isEqualTo("CONFIG cluster 0 4\r\n10\n\n\r\nEND\r\n");
    }

    @Test
    void anOldOneKnowsTheOldQuestionAlone() throws IOException {
        endpoint.beOld();
        assertThat(ask("config get cluster", 7)).isEqualTo("ERROR\r\n");
        assertThat(ask("get AmazonElastiCache:cluster", 7)).isEqualTo("VALUE A");
        assertThat(endpoint.asked()).isEqualTo(1);
    }

    @Test
    void itSaysWhatItIsToldToAndItsListAgain() throws IOException {
        endpoint.say("END\r\n");
        assertThat(ask("config get cluster", 5)).isEqualTo("END\r\n");
        endpoint.heal();
        assertThat(ask("config get cluster", 14)).isEqualTo("CONFIG cluster");
        assertThat(ask("version", 7)).isEqualTo("ERROR\r\n");
    }

    @Test
    void aSilentOneTakesTheQuestion() {
        endpoint.staySilent();
        assertThatThrownBy(() -> ask("config get cluster", 1)).isInstanceOf(SocketTimeoutException.class);
        assertThat(endpoint.asked()).isEqualTo(1);
    }

    @Test
    void aClosedOneRefusesConnections() throws IOException {
        try (MemcachedTalk talk = talk()) {
            assertThat(talk.ask("version")).isEqualTo("ERROR");
            endpoint.close();
            assertThatThrownBy(() -> talk.ask("version")).isInstanceOf(IOException.class);
        }
        assertThatThrownBy(this::talk).isInstanceOf(ConnectException.class);
    }
}
