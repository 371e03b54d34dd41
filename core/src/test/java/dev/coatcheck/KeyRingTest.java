package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyRingTest {
    private static final byte[] ONE = random(1, 32);
    private static final byte[] TWO = random(2, 32);

    @Test
    void theFirstKeyIsActive() {
        KeyRing ring = KeyRing.parse("7:" + base64(ONE) + ",3:" + base64(TWO));

        assertThat(ring.active()).isEqualTo(7);
        assertThat(ring.numbers()).containsExactly(7, 3);
        assertThat(ring.has(3)).isTrue();
        assertThat(ring.has(1)).isFalse();
        assertThat(ring.has(0)).isFalse();
    }

    @Test
    void aMessageIsSignedWithTheKeyOfItsNumber() {
        KeyRing ring = KeyRing.parse("7:" + base64(ONE) + ",3:" + base64(TWO));
        byte[] frame = {1, 2, 3};

        assertThat(ring.hmac(7, frame)).isEqualTo(Derivation.hmac(ONE, frame));
        assertThat(ring.hmac(3, frame)).isEqualTo(Derivation.hmac(TWO, frame));
        assertThatIllegalArgumentException().isThrownBy(() -> ring.hmac(1, frame));
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 33, 34, 48, 63, 64})
    void bothAlphabetsAreReadWithAndWithoutPadding(int length) {
        byte[] key = random(length, length);
        byte[] frame = {9};
        byte[] expected = Derivation.hmac(key, frame);

        for (Base64.Encoder encoder : new Base64.Encoder[] {Base64.getEncoder(), Base64.getUrlEncoder()}) {
            assertThat(KeyRing.parse("1:" + encoder.encodeToString(key)).hmac(1, frame))
                    .isEqualTo(expected);
            assertThat(KeyRing.parse("1:" + encoder.withoutPadding().encodeToString(key))
                            .hmac(1, frame))
                    .isEqualTo(expected);
        }
    }

    @Test
    void fifteenKeysFit() {
        StringBuilder text = new StringBuilder();
        for (int number = 15; number >= 1; number--) {
            text.append(number).append(':').append(base64(random(100 + number, 32)));
            text.append(number > 1 ? "," : "");
        }
        assertThat(KeyRing.parse(text.toString()).numbers()).hasSize(15);
    }

    @Test
    void aRingWithoutKeysIsRefused() {
        refused(null, "The key ring is empty");
        refused("", "The key ring is empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0:", "16:", "01:", "-1:", "+1:", "1 :", " 1:", "x:", ":", "", "١:", "99999999999:"})
    void aNumberThatIsNotFromOneToFifteenIsRefused(String start) {
        refused(start + base64(ONE), "Entry 1 of the key ring has no number from 1 to 15");
        refused("1:" + base64(ONE) + "," + start + base64(TWO), "Entry 2 of the key ring has no number");
    }

    @ParameterizedTest
    @ValueSource(strings = {",", " , ", ",,"})
    void anEmptyEntryIsRefused(String end) {
        refused("1:" + base64(ONE) + end, "");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16, 24, 31, 65, 96})
    void aKeyOfAnotherLengthIsRefused(int length) {
        refused("4:" + base64(random(5, length)), "Key 4 of the key ring has " + length + " bytes; 32 to 64");
    }

    @Test
    void textThatIsNotBase64IsRefused() {
        String good = base64(ONE);
        String[] bad = {
            " " + good,
            good + " ",
            good + "\n",
            good.substring(0, 20) + "\n" + good.substring(20),
            good.substring(0, 20) + "*" + good.substring(21),
            "-+" + good.substring(2),
            "_/" + good.substring(2),
            good + "=",
            good + "A",
            good.substring(0, 41) + "é" + good.substring(42)
        };
        for (String text : bad) {
            refused("1:" + text, "Key 1 of the key ring is not base64");
        }
    }

    @Test
    void aKeyWithBitsOfNoByteIsRefused() {
        String good = base64(ONE);
        char last = good.charAt(42);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        String other = good.substring(0, 42) + alphabet.charAt(alphabet.indexOf(last) + 1);

        refused("1:" + other + "=", "Key 1 of the key ring is not base64 in full");
        refused("1:" + other, "Key 1 of the key ring is not base64 in full");
    }

    @Test
    void aNumberThatComesTwiceIsRefused() {
        refused("2:" + base64(ONE) + ",2:" + base64(TWO), "Key 2 of the key ring is there twice");
        refused("2:" + base64(ONE) + ",2:" + base64(ONE), "Key 2 of the key ring is there twice");
    }

    @Test
    void aKeyThatComesTwiceIsRefused() {
        refused("2:" + base64(ONE) + ",1:" + base64(ONE), "Key 1 of the key ring is key 2 again");
        refused("2:" + base64(ONE) + ",1:" + base64(Arrays.copyOf(ONE, 40)), "Key 1 of the key ring is key 2 again");
    }

    @Test
    void theSampleOfTheDocumentationIsRefused() {
        String key = KeyRing.SAMPLE.substring(2);

        refused(KeyRing.SAMPLE, "Key 1 of the key ring is the sample");
        refused("9:" + key.replace("=", ""), "Key 9 of the key ring is the sample");
        refused("1:" + base64(ONE) + ",2:" + key, "Key 2 of the key ring is the sample");
        refused(
                "1:" + base64(Arrays.copyOf(Base64.getDecoder().decode(key), 64)),
                "Key 1 of the key ring is the sample");
    }

    @Test
    void aKeyOfZerosIsRefused() {
        refused("1:" + base64(new byte[32]), "Key 1 of the key ring is all zeros");
        refused("1:" + base64(new byte[64]), "Key 1 of the key ring is all zeros");
    }

    @Test
    void aPatternIsRefused() {
        byte[] same = new byte[32];
        Arrays.fill(same, (byte) 0xAB);
        byte[] counting = new byte[32];
        byte[] fewValues = new byte[48];
        byte[] halves = Arrays.copyOf(ONE, 64);
        System.arraycopy(ONE, 0, halves, 32, 32);
        Random random = new Random(3);
        for (int i = 0; i < 48; i++) {
            fewValues[i] = (byte) (200 + random.nextInt(15));
            if (i < 32) {
                counting[i] = (byte) (250 - 3 * i);
            }
        }
        for (byte[] key : new byte[][] {same, counting, fewValues, halves}) {
            refused("1:" + base64(key), "Key 1 of the key ring follows a pattern");
        }
        refused("1:" + "changeit".repeat(7), "Key 1 of the key ring follows a pattern");
    }

    @Test
    void wordsAreRefused() {
        String phrase = "The quick brown fox jumps over the lazy dog";
        refused("1:" + base64(phrase.getBytes(StandardCharsets.US_ASCII)), "Key 1 of the key ring is words");
        refused("1:" + "thequickbrownfoxjumpsoverthelazydogandrunsaway12", "Key 1 of the key ring is words");
        refused("1:" + HexFormat.of().formatHex(ONE), "Key 1 of the key ring is words or hexadecimal digits");
        refused("1:" + HexFormat.of().withUpperCase().formatHex(ONE), "Key 1 of the key ring is words or hex");
    }

    @Test
    void aGeneratedRingIsFreshAndAccepted() {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            String text = KeyRing.generate();
            KeyRing ring = KeyRing.parse(text);
            assertThat(ring.active()).isEqualTo(1);
            assertThat(Base64.getDecoder().decode(text.substring(2))).hasSize(32);
            assertThat(seen.add(text)).isTrue();
        }
    }

    @Test
    void itsTextShowsNumbersAlone() {
        assertThat(KeyRing.parse("7:" + base64(ONE) + ",3:" + base64(TWO))).hasToString("KeyRing[7, 3]");
    }

    /** Refused, with a message that says why and neither repeats the key nor carries a cause that might. */
    private static void refused(String text, String message) {
        Throwable thrown = catchThrowable(() -> KeyRing.parse(text));

        assertThat(thrown)
                .as("parsing <%s>", text)
                .isInstanceOf(IllegalArgumentException.class)
                .hasNoCause();
        assertThat(thrown.getMessage()).startsWith(message);
        if (text != null) {
            for (int i = text.indexOf(':') + 1; i + 6 <= text.length(); i++) {
                String piece = text.substring(i, i + 6);
                assertThat(thrown.getMessage()).doesNotContain(piece);
            }
        }
    }

    private static byte[] random(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
