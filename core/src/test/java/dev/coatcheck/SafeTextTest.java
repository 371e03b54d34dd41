package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SafeTextTest {
    @Test
    void lettersOfEveryScriptAndVisibleAsciiAreShownAsTheyAre() {
        assertThat(SafeText.quote("S ID=~ b\u00fccher \u6771\u4eac")).isEqualTo("\"S ID=~ b\u00fccher \u6771\u4eac\"");
        assertThat(SafeText.quote("")).isEqualTo("\"\"");
    }

    @Test
    void whatActsOnATerminalOrALogIsEscaped() {
        assertThat(SafeText.quote("a\r\n\t\u0000\u001b[31m\u007f\u0085\u2028\u202e\ud800"))
                .isEqualTo("\"a\\u000D\\u000A\\u0009\\u0000\\u001B[31m\\u007F\\u0085\\u2028\\u202E\\uD800\"");
    }

    @Test
    void theRestAfterEightyCharactersIsCutAndNoEscapeInTwo() {
        assertThat(SafeText.quote("x".repeat(80))).isEqualTo("\"" + "x".repeat(80) + "\"");
        assertThat(SafeText.quote("x".repeat(81))).isEqualTo("\"" + "x".repeat(80) + "...\"");
        assertThat(SafeText.quote("x".repeat(76) + "\n" + "y")).isEqualTo("\"" + "x".repeat(76) + "...\"");
    }
}
