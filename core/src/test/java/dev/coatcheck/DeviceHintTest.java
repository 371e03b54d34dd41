package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeviceHintTest {
    private static String label(String text) {
        return new DeviceHint(text, null).label();
    }

    @Test
    void aLabelKeepsWhatIsShownAndNothingElse() {
        assertThat(label("Firefox on Linux")).isEqualTo("Firefox on Linux");
        assertThat(label("  T\u00E9l\u00E9phone \u540D \uD83D\uDE00 "))
                .isEqualTo("T\u00E9l\u00E9phone \u540D \uD83D\uDE00");
        assertThat(label("a\u0000b\r\nc\u001Bd\u007Fe\u0085f\u2028g\u202Eh\uFEFFi\uD800j\uE000k"))
                .isEqualTo("abcdefghijk");
    }

    @Test
    void nothingToShowIsNone() {
        for (String text : new String[] {null, "", "   ", "\u0000\r\n", "\uD800"}) {
            assertThat(label(text)).isNull();
        }
    }

    @Test
    void whatIsTooLongIsCutBetweenCharacters() {
        assertThat(label("x".repeat(121))).isEqualTo("x".repeat(120));
        assertThat(label("x" + "\uD83D\uDE00".repeat(100))).isEqualTo("x" + "\uD83D\uDE00".repeat(59));
        assertThat(label("\u0000".repeat(200) + "x")).isEqualTo("x");
        assertThat(new DeviceHint(null, "1".repeat(100)).address()).hasSize(64);
    }

    @Test
    void itsTextHidesBoth() {
        assertThat(new DeviceHint("Firefox", "192.0.2.1")).hasToString("DeviceHint[hidden]");
    }
}
