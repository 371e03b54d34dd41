package dev.coatcheck.memcached;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a configuration endpoint says: the right answers, and every wrong one an exception and no list. */
class ClusterListTest {
    private static final String BODY = "12\na.example.com|10.0.0.1|11211 b.example.com||11212\n";
    private static final String GOOD = "CONFIG cluster 0 " + BODY.length() + "\r\n" + BODY + "\r\nEND\r\n";

    private static ClusterList read(String answer) throws IOException {
        return read(Chunks.oneByOne(answer.getBytes(ISO_8859_1)));
    }

    private static ClusterList read(Chunks wire) throws IOException {
        ReplyInput in = new ReplyInput(wire);
        return ClusterList.read(in.line().shown(), in);
    }

    private static String answer(String body) {
        return "CONFIG cluster 0 " + body.length() + "\r\n" + body + "\r\nEND\r\n";
    }

    @Test
    void versionAndNodesByTheirNames() throws IOException {
        ClusterList list = read(GOOD);
        assertThat(list.version()).isEqualTo(12);
        assertThat(list.nodes())
                .containsExactly(NodeSpec.at("a.example.com:11211"), NodeSpec.at("b.example.com:11212"));
    }

    @Test
    void theOlderFormSaysTheSame() throws IOException {
        assertThat(read(GOOD.replace("CONFIG cluster", "VALUE AmazonElastiCache:cluster")))
                .isEqualTo(read(GOOD));
    }

    @Test
    void linesMayEndInCarriageReturnsToo() throws IOException {
        assertThat(read(answer("3\r\nmc|10.0.0.1|11211\r\n")).nodes()).containsExactly(NodeSpec.at("mc:11211"));
        assertThat(read(answer("3\nmc|10.0.0.1|11211")).version()).isEqualTo(3);
    }

    @Test
    void aHostMayBeAnAddress() throws IOException {
        assertThat(read(answer("3\n10.0.0.3|10.0.0.3|11211 2001:db8::1|2001:db8::1|11212\n"))
                        .nodes())
                .extracting(NodeSpec::name)
                .containsExactly("10.0.0.3:11211", "[2001:db8::1]:11212");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "12",
                "12\n",
                "12\n\n",
                "12\n \n",
                "\nmc|10.0.0.1|11211\n",
                "-1\nmc|10.0.0.1|11211\n",
                "1234567890123456789\nmc|10.0.0.1|11211\n",
                "1 2\nmc|10.0.0.1|11211\n",
                "12\nmc\n",
                "12\nmc|10.0.0.1\n",
                "12\nmc|10.0.0.1|\n",
                "12\n|10.0.0.1|11211\n",
                "12\nmc|10.0.0.1|11211|x\n",
                "12\nmc|10.0.0.1|port\n",
                "12\nmc|10.0.0.1|0\n",
                "12\nmc|10.0.0.1|65536\n",
                "12\nmc|10.0.0.1|111211\n",
                "12\nmc|10.0.0.1|-1\n",
                "12\nmc|ten|11211\n",
                "12\nm c|10.0.0.1|11211\n",
                "12\nunix:/run/m.sock|10.0.0.1|11211\n",
                "12\nmc/../etc|10.0.0.1|11211\n",
                "12\nmc\0|10.0.0.1|11211\n",
                "12\nmc|10.0.0.1|11211  mc2|10.0.0.2|11211\n",
                "12\nmc|10.0.0.1|11211 \n",
                "12\n mc|10.0.0.1|11211\n",
                "12\nmc|10.0.0.1|11211,mc2|10.0.0.2|11211\n",
                "12\nmc|10.0.0.1|11211\nmc2|10.0.0.2|11211\n",
                "12\nmc|10.0.0.1|11211\n\n",
                "12\n:|10.0.0.1|11211\n[|10.0.0.1|11211",
                "12\nm\u00e4|10.0.0.1|11211\n"
            })
    void aBodyThatIsNoListIsRefused(String body) {
        assertThatThrownBy(() -> read(answer(body))).isInstanceOfAny(IOException.class, IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "END",
                "ERROR",
                "CONFIG cluster 0 0",
                "CONFIG cluster 0 -5",
                "CONFIG cluster 0 052",
                "CONFIG cluster 0 999999",
                "CONFIG cluster 0 99999999999999999999",
                "CONFIG cluster 1 52",
                "CONFIG cluster 0 52 ",
                "CONFIG other 0 52",
                "CONFIG  cluster 0 52",
                "VALUE cluster 0 52",
                "HTTP/1.1 200 OK",
                "VERSION 1.6.18"
            })
    void aFirstLineThatPromisesNoneIsRefusedUnread(String line) {
        assertThatThrownBy(() -> read(line + "\r\n" + GOOD.substring(GOOD.indexOf('\n') + 1)))
                .isInstanceOf(MalformedReplyException.class)
                .hasMessageContaining("no list of nodes");
    }

    @Test
    void aLengthThatIsWrongIsRefused() {
        for (int wrong : new int[] {-20, -2, -1, 1, 2, 7, 20, 1_000}) {
            String answer = "CONFIG cluster 0 " + (BODY.length() + wrong) + "\r\n" + BODY + "\r\nEND\r\n";
            assertThatThrownBy(() -> read(answer)).as("%d", wrong).isInstanceOf(IOException.class);
        }
    }

    @Test
    void anAnswerThatIsCutIsRefused() {
        for (int length = 0; length < GOOD.length(); length++) {
            String cut = GOOD.substring(0, length);
            assertThatThrownBy(() -> read(cut)).as(cut).isInstanceOf(IOException.class);
        }
    }

    /** Wherever a byte is another one, there is an exception, or a list of which every node is an address. */
    @Test
    void anAnswerThatIsGarbledIsAListOrAnExceptionOfTheKnownKinds() {
        long seed = System.nanoTime();
        System.out.println("Garbled lists, seed " + seed);
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = GOOD.getBytes(ISO_8859_1);
            for (int n = random.nextInt(3); n >= 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                ClusterList list = read(new Chunks(bytes));
                assertThat(list.nodes())
                        .as("seed %d", seed)
                        .isNotEmpty()
                        .allSatisfy(node ->
                                assertThat(node.address()).matches("[a-z0-9_.-]+:[0-9]+|\\[[0-9a-f:.]+]:[0-9]+"));
            } catch (IOException | IllegalArgumentException e) {
                refused++;
            }
        }
        assertThat(refused).as("seed %d", seed).isGreaterThan(5_000);
    }
}
