package dev.coatcheck.memcached;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.coatcheck.memcached.Reply.Status;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyReaderTest {
    private static final ServerIdentity SERVER = new ServerIdentity(1, 2);
    private static final int LIMIT = 1_000;
    private static final long TOKEN = 42;

    private static @Nullable Reply read(Command command, Wire wire) throws IOException {
        return new ReplyReader(new ReplyInput(wire), LIMIT, SERVER).read(command, TOKEN);
    }

    private static @Nullable Reply read(Command command, String reply) throws IOException {
        return read(command, new Chunks(reply.getBytes(ISO_8859_1)));
    }

    private static Command full() {
        return Command.get("key").value().cas().flags().secondsLeft().touch(60);
    }

    private static Command set() {
        return Command.set("key", new byte[1]).cas();
    }

    record Good(Command command, String bytes, Reply reply) {}

    static Stream<Good> goodReplies() {
        byte[] tricky = "a\r\nEN\r\n\0\u00ff".getBytes(ISO_8859_1);
        return Stream.of(
                new Good(
                        full(),
                        "VA 9 c18446744073709551615 f4294967295 t59 kkey O42\r\na\r\nEN\r\n\0\u00ff\r\n",
                        new Reply(Status.DONE, tricky, -1, 0xFFFF_FFFFL, 59, false, SERVER)),
                new Good(
                        full(),
                        "VA 0 c1 f0 t-1 kkey O42\r\n\r\n",
                        new Reply(Status.DONE, new byte[0], 1, 0, -1, false, SERVER)),
                new Good(
                        full(),
                        "VA 1 t4294967293 f0 c1 O42 kkey\r\nx\r\n",
                        new Reply(Status.DONE, new byte[] {'x'}, 1, 0, 4_294_967_293L, false, SERVER)),
                new Good(
                        full(),
                        "VA 1 W c1 f0 t3 X Z s1 h1 la q b98 ~new kkey O42\r\nx\r\n",
                        new Reply(Status.DONE, new byte[] {'x'}, 1, 0, 3, false, SERVER)),
                new Good(
                        full().claim(5),
                        "VA 0 c1 f0 t-1 kkey O42 W\r\n\r\n",
                        new Reply(Status.DONE, new byte[0], 1, 0, -1, true, SERVER)),
                new Good(
                        full().claim(5),
                        "VA 0 c1 f0 t5 kkey O42 Z\r\n\r\n",
                        new Reply(Status.DONE, new byte[0], 1, 0, 5, false, SERVER)),
                new Good(full(), "EN kkey O42\r\n", new Reply(Status.ABSENT, null, 0, 0, 0, false, SERVER)),
                new Good(
                        Command.get("key").touch(9),
                        "HD kkey O42\r\n",
                        new Reply(Status.DONE, null, 0, 0, 0, false, SERVER)),
                new Good(set(), "HD c7 kkey O42\r\n", new Reply(Status.DONE, null, 7, 0, 0, false, SERVER)),
                new Good(set(), "NS kkey O42\r\n", new Reply(Status.NOT_STORED, null, 0, 0, 0, false, SERVER)),
                new Good(set(), "EX kkey O42\r\n", new Reply(Status.EXISTS, null, 0, 0, 0, false, SERVER)),
                new Good(set(), "NF kkey O42\r\n", new Reply(Status.ABSENT, null, 0, 0, 0, false, SERVER)),
                new Good(
                        Command.delete("key"), "HD kkey O42\r\n", new Reply(Status.DONE, null, 0, 0, 0, false, SERVER)),
                new Good(
                        Command.delete("key"),
                        "NF kkey O42\r\n",
                        new Reply(Status.ABSENT, null, 0, 0, 0, false, SERVER)),
                new Good(
                        Command.delete("key"),
                        "EX kkey O42\r\n",
                        new Reply(Status.EXISTS, null, 0, 0, 0, false, SERVER)));
    }

    private static void same(@Nullable Reply reply, Reply expected) {
        assertThat(reply).usingRecursiveComparison().isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("goodReplies")
    void aReplyIsTheSameHoweverItIsCut(Good good) throws IOException {
        byte[] bytes = good.bytes.getBytes(ISO_8859_1);
        same(read(good.command, new Chunks(bytes)), good.reply);
        same(read(good.command, Chunks.oneByOne(bytes)), good.reply);
        for (int cut = 1; cut < bytes.length; cut++) {
            same(read(good.command, new Chunks(bytes, cut)), good.reply);
        }
    }

    @ParameterizedTest
    @MethodSource("goodReplies")
    void aReplyThatEndsEarlyIsNone(Good good) {
        for (int length = 0; length < good.bytes.length(); length++) {
            String begun = good.bytes.substring(0, length);
            assertThatThrownBy(() -> read(good.command, begun)).as(begun).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void repliesFollowOneAnotherAlsoOverTheEndOfTheBuffer() throws IOException {
        StringBuilder stream = new StringBuilder();
        for (int i = 0; i < 3_000; i++) {
            stream.append("VA ").append(i % 700).append(" c").append(i).append(" f0 t1 kkey O42\r\n");
            stream.append("v".repeat(i % 700)).append("\r\n");
        }
        byte[] bytes = stream.toString().getBytes(ISO_8859_1);
        ReplyReader reader = new ReplyReader(new ReplyInput(new Chunks(bytes, 1_000, 40_000)), LIMIT, SERVER);
        for (int i = 0; i < 3_000; i++) {
            assertThat(reader.read(full(), TOKEN))
                    .returns((long) i, Reply::cas)
                    .satisfies(reply -> assertThat(reply.value()).isNotNull());
        }
    }

    @Test
    void aServersErrorHasNoTokenAndIsLeftToTheConnectionToPlace() throws IOException {
        assertThat(read(full(), "SERVER_ERROR out of memory storing object\r\n"))
                .isNull();
        assertThat(read(set(), "SERVER_ERROR\r\n")).isNull();
    }

    static Stream<String> badReplies() {
        return Stream.of(
                "VA 1 c1 f0 t1 kkey O41\r\nx\r\n", // another's token
                "VA 1 c1 f0 t1 kkeY O42\r\nx\r\n", // another's key
                "VA 1 c1 f0 t1 kkeyy O42\r\nx\r\n",
                "VA 1 c1 f0 t1 k O42\r\nx\r\n",
                "VA 1 c1 f0 t1 O42\r\nx\r\n",
                "VA 1 c1 f0 t1 kkey\r\nx\r\n",
                "VA 1 c1 f0 t1 kkey O\r\nx\r\n",
                "VA 1 c1 f0 t1 kkey O41 O42\r\nx\r\n", // two tokens, one of them right
                "VA 1 c1 f0 t1 kkey O42 O41\r\nx\r\n",
                "VA 1 c1 f0 t1 kkey kother O42\r\nx\r\n",
                "VA 1 c1 c2 f0 t1 kkey O42\r\nx\r\n",
                "VA 1 f0 t1 kkey O42\r\nx\r\n", // something that was asked for is missing
                "VA 1 c1 t1 kkey O42\r\nx\r\n",
                "VA 1 c1 f0 kkey O42\r\nx\r\n",
                "HD c1 f0 t1 kkey O42\r\n",
                "VA 1 c18446744073709551616 f0 t1 kkey O42\r\nx\r\n", // numbers that are too long
                "VA 1 c000000000000000000001 f0 t1 kkey O42\r\nx\r\n",
                "VA 1 c1 f4294967296 t1 kkey O42\r\nx\r\n",
                "VA 1 c1 f18446744073709551615 t1 kkey O42\r\nx\r\n",
                "VA 1 c1 f0 t4294967296 kkey O42\r\nx\r\n",
                "VA 1 c1 f0 t-2 kkey O42\r\nx\r\n",
                "VA 1 c-1 f0 t1 kkey O42\r\nx\r\n",
                "VA 1 c f0 t1 kkey O42\r\nx\r\n",
                "VA 1 c0x1 f0 t1 kkey O42\r\nx\r\n",
                "VA -1 c1 f0 t1 kkey O42\r\nx\r\n",
                "VA +1 c1 f0 t1 kkey O42\r\nx\r\n",
                "VA\r\nx\r\n",
                "VA 2 c1 f0 t1 kkey O42\r\nx\r\n\r\n", // a length that is not the value's
                "VA 0 c1 f0 t1 kkey O42\r\nx\r\n",
                "VA  1 c1 f0 t1 kkey O42\r\nx\r\n", // blanks and line ends
                "VA 1 c1 f0 t1 kkey O42 \r\nx\r\n",
                " VA 1 c1 f0 t1 kkey O42\r\nx\r\n",
                "VA 1 c1 f0 t1 kkey O42\nx\r\n",
                "\r\n",
                "\n",
                "NF kkey O42\r\n", // words for other verbs
                "NS kkey O42\r\n",
                "EX kkey O42\r\n",
                "MN\r\n",
                "EN\r\n",
                "END\r\n",
                "ERROR\r\n",
                "CLIENT_ERROR bad data chunk\r\n",
                "va 1 c1 f0 t1 kkey O42\r\nx\r\n",
                "VALUE key 0 1\r\nx\r\nEND\r\n",
                "HTTP/1.1 400 Bad Request\r\n");
    }

    @ParameterizedTest
    @MethodSource("badReplies")
    void whatIsNoAnswerToTheCommandEndsTheConnection(String reply) {
        assertThatThrownBy(() -> read(full(), reply)).isInstanceOf(MalformedReplyException.class);
        assertThatThrownBy(() -> read(full(), Chunks.oneByOne(reply.getBytes(ISO_8859_1))))
                .isInstanceOf(MalformedReplyException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"HD kkey O42\r\n", "VA 1 c1 kkey O42\r\nx\r\n", "EN kkey O42\r\n", "HD c1 c1 kkey O42\r\n"})
    void aSetIsAnsweredAsASet(String reply) {
        assertThatThrownBy(() -> read(set(), reply)).isInstanceOf(MalformedReplyException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NS kkey O42\r\n", "EN kkey O42\r\n", "VA 0 kkey O42\r\n\r\n"})
    void aDeleteIsAnsweredAsADelete(String reply) {
        assertThatThrownBy(() -> read(Command.delete("key"), reply)).isInstanceOf(MalformedReplyException.class);
    }

    @Test
    void aLineHas4096BytesAtMost() throws IOException {
        String start = "EN kkey O42";
        String longest = start + " x".repeat((4_095 - start.length()) / 2) + "\r\n";
        assertThat(longest).hasSize(4_097);
        assertThat(read(full(), longest)).returns(Status.ABSENT, Reply::status);
        for (String longer : new String[] {"x" + longest, "x".repeat(4_097), "x".repeat(1 << 20)}) {
            assertThatThrownBy(() -> read(full(), longer)).isInstanceOf(MalformedReplyException.class);
            assertThatThrownBy(() -> read(
                            full(), Chunks.oneByOne(longer.substring(0, 4_097).getBytes(ISO_8859_1))))
                    .isInstanceOf(MalformedReplyException.class);
        }
    }

    @Test
    void nothingIsAllocatedForAValueThatIsTooLarge() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (String length :
                new String[] {"1001", "2147483647", "4294967296", "9223372036854775807", "18446744073709551615"}) {
            String reply = "VA " + length + " c1 f0 t1 kkey O42\r\n";
            long before = threads.getCurrentThreadAllocatedBytes();
            assertThatThrownBy(() -> read(full(), reply))
                    .isInstanceOf(MalformedReplyException.class)
                    .hasMessageContaining(length)
                    .hasMessageContaining("1000");
            assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(2 << 20);
        }
    }

    @Test
    void noMessageShowsDataOfTheServer() {
        badReplies()
                .forEach(reply -> assertThatThrownBy(() -> read(
                                full(), reply.replace("x\r\n", "geheim\r\n").replace("kkeY", "kgeheim")))
                        .hasMessageNotContaining("geheim"));
    }
}
