package dev.coatcheck.memcached;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandTest {
    private static String line(Command command) {
        return new String(command.line(), US_ASCII);
    }

    @Test
    void aLineHasWhatIsAskedForInTheOrderOfTheAsking() {
        assertThat(line(Command.get("k"))).isEqualTo("mg k");
        assertThat(line(Command.get("k").value().cas().flags().secondsLeft().touch(60)))
                .isEqualTo("mg k v c f t T60");
        assertThat(line(Command.get("k").value().touch(60).claim(5))).isEqualTo("mg k v T60 N5");
        assertThat(line(Command.get("k").touch(60).secondsLeft().flags().cas().value()))
                .isEqualTo("mg k T60 t f c v");
        assertThat(line(Command.set("k", new byte[3])
                        .create()
                        .clientFlags(0xFFFF_FFFFL)
                        .expire(2_592_001)))
                .isEqualTo("ms k 3 ME F4294967295 T2592001");
        assertThat(line(Command.set("k", new byte[0]).ifCas(-1).cas())).isEqualTo("ms k 0 C18446744073709551615 c");
        assertThat(line(Command.delete("k").ifCas(7))).isEqualTo("md k C7");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "two words",
                " k",
                "k ",
                "k\r\nset x 0 0 1",
                "k\n",
                "k\r",
                "k\t",
                "\u0001",
                "k\u001f",
                "k\u007f",
                "k\u0085",
                "é",
                "k\0",
                "\u2028",
                "ｋ"
            })
    void aKeyThatCouldBeReadAsSomethingElseIsRefusedAndNotShown(String key) {
        assertThatThrownBy(() -> Command.get(key))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("A key with a character outside of visible ASCII at place [0-9]");
        assertThatThrownBy(() -> Command.set(key, new byte[1])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Command.delete(key)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everyVisibleCharacterMayBeInAKey() {
        for (char c = '!'; c <= '~'; c++) {
            assertThat(Command.get("" + c).key()).isEqualTo("" + c);
        }
    }

    @Test
    void aKeyHasOneTo250Bytes() {
        assertThat(line(Command.get("k".repeat(250)))).hasSize(253);
        for (int length : new int[] {0, 251, 10_000}) {
            assertThatThrownBy(() -> Command.get("k".repeat(length)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(length + " characters")
                    .hasMessageContaining("1 to 250");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void aTimeThatIsForEverOrOverIsNotSent(int exptime) {
        assertThatThrownBy(() -> Command.set("k", new byte[1]).expire(exptime))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(exptime + " seconds")
                .hasMessageContaining("1 or more");
        assertThatThrownBy(() -> Command.get("k").touch(exptime)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Command.get("k").claim(exptime)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0x1_0000_0000L, Long.MIN_VALUE})
    void clientFlagsHave32Bits(long flags) {
        assertThatThrownBy(() -> Command.set("k", new byte[1]).clientFlags(flags))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 to 4294967295");
    }

    @Test
    void aWordForAnotherVerbIsRefused() {
        assertThatThrownBy(() -> Command.set("k", new byte[1]).value()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Command.set("k", new byte[1]).flags()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Command.set("k", new byte[1]).secondsLeft()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Command.set("k", new byte[1]).touch(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Command.get("k").expire(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Command.get("k").create()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Command.get("k").ifCas(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Command.get("k").clientFlags(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Command.delete("k").cas()).isInstanceOf(IllegalStateException.class);
    }

    /** memcached's answer to a word twice has no token, and would cost everybody the connection. */
    @Test
    void aWordTwiceIsRefused() {
        assertThatThrownBy(() -> Command.get("c").cas().cas()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Command.get("k").touch(1).touch(2)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Command.delete("k").ifCas(1).ifCas(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Command.set("k", new byte[1]).create().ifCas(1))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Command.set("k", new byte[1]).ifCas(1).create())
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void neitherKeyNorValueIsShown() {
        assertThat(Command.set("secret-key", "secret".getBytes(US_ASCII))).hasToString("Command[ms, 6 bytes]");
        assertThat(Command.get("secret-key")).hasToString("Command[mg]");
        Reply reply =
                new Reply(Reply.Status.DONE, "secret".getBytes(US_ASCII), 1, 2, 3, false, new ServerIdentity(1, 1));
        assertThat(reply).hasToString("Reply[DONE, 6 bytes]");
    }
}
