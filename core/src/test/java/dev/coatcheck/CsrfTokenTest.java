package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CsrfTokenTest {
    private static final byte[] SEED = seed(1);

    @Test
    void everyMaskingDiffersAndEachIsValid() {
        Set<String> texts = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            String text = CsrfToken.mask(SEED);
            assertThat(text).matches("[A-Za-z0-9_-]{48}");
            assertThat(CsrfToken.matches(SEED, text)).isTrue();
            texts.add(text);
        }
        assertThat(texts).hasSize(10_000);
    }

    @Test
    void theMaskedHalvesDoNotRepeatEither() {
        Set<String> halves = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            String text = CsrfToken.mask(SEED);
            halves.add(text.substring(0, 24));
            halves.add(text.substring(24));
        }
        assertThat(halves).hasSize(2_000);
    }

    @Test
    void maskAndMatchLeaveTheSeedAlone() {
        byte[] seed = SEED.clone();
        CsrfToken.matches(seed, CsrfToken.mask(seed));
        assertThat(seed).isEqualTo(SEED);
    }

    @Test
    void aTextOfZeroMaskIsTheSeedItself() {
        assertThat(CsrfToken.matches(new byte[18], "A".repeat(48))).isTrue();
        assertThat(CsrfToken.matches(new byte[18], "A".repeat(47) + "B")).isFalse();
    }

    @Test
    void anotherSeedIsRefused() {
        assertThat(CsrfToken.matches(seed(2), CsrfToken.mask(SEED))).isFalse();
    }

    @Test
    void aSeedThatDiffersInOneBitIsRefused() {
        String text = CsrfToken.mask(SEED);
        for (int bit = 0; bit < 18 * 8; bit++) {
            byte[] other = SEED.clone();
            other[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(CsrfToken.matches(other, text)).isFalse();
        }
    }

    @Test
    void everyChangedCharacterIsRefused() {
        String text = CsrfToken.mask(SEED);
        for (int at = 0; at < text.length(); at++) {
            for (char c = 0; c <= 0x17F; c++) {
                if (c != text.charAt(at)) {
                    String other = text.substring(0, at) + c + text.substring(at + 1);
                    assertThat(CsrfToken.matches(SEED, other)).isFalse();
                }
            }
        }
    }

    @Test
    void whatIsMissingShorterLongerOrPaddedIsRefused() {
        String text = CsrfToken.mask(SEED);
        assertThat(CsrfToken.matches(SEED, null)).isFalse();
        for (int length = 0; length < 48; length++) {
            assertThat(CsrfToken.matches(SEED, text.substring(0, length))).isFalse();
            assertThat(CsrfToken.matches(SEED, text.substring(0, length) + "=".repeat(48 - length)))
                    .isFalse();
        }
        for (String around : new String[] {" ", "\n", "=", "A", "\u0000"}) {
            assertThat(CsrfToken.matches(SEED, text + around)).isFalse();
            assertThat(CsrfToken.matches(SEED, around + text)).isFalse();
        }
        assertThat(CsrfToken.matches(SEED, text.repeat(100_000))).isFalse();
    }

    @Test
    void textBeyondLatinIsRefusedWithoutAnException() {
        for (String text : new String[] {"\u00ff", "\u0141", "\u2028", "\ud83d\ude00", "\ud800", "\uff21"}) {
            assertThat(CsrfToken.matches(SEED, text)).isFalse();
            assertThat(CsrfToken.matches(SEED, text.repeat(48).substring(0, 48)))
                    .isFalse();
        }
    }

    @Test
    void aSeedOfAnotherLengthMatchesNothingAndIsNotMasked() {
        byte[] shorter = Arrays.copyOf(SEED, 17);
        assertThat(CsrfToken.matches(shorter, CsrfToken.mask(SEED))).isFalse();
        assertThat(CsrfToken.matches(new byte[0], "")).isFalse();
        assertThatThrownBy(() -> CsrfToken.mask(shorter))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("A CSRF seed has 18 bytes, this one 17");
    }

    private static byte[] seed(long number) {
        byte[] seed = new byte[18];
        new SplittableRandom(number).nextBytes(seed);
        return seed;
    }
}
