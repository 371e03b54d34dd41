package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No byte of a request gets into a store's commands by way of a key. */
class StoreKeyTest {
    private static final String GOOD = "abcdefghijklmnopqrstuvwxyz01-_AZ";

    @ParameterizedTest
    @ValueSource(
            strings = {" ", "\r", "\n", "\t", "\0", "\u007f", "\u00e9", "\u0661", "\uff21", "+", "/", "=", ":", "."})
    void aCharacterOfNoKeyIsRefusedAtEveryPlace(String stray) {
        for (int at = 0; at < GOOD.length(); at++) {
            String text = GOOD.substring(0, at) + stray + GOOD.substring(at + 1);
            assertThatThrownBy(() -> SessionStore.Key.of(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageNotContaining(text);
        }
    }

    @Test
    void aKeyHasThirtyTwoCharacters() {
        for (int length = 0; length < 300; length++) {
            String text = "A".repeat(length);
            if (length == 32) {
                assertThat(SessionStore.Key.of(text).text()).isEqualTo(text);
            } else {
                assertThatThrownBy(() -> SessionStore.Key.of(text)).isInstanceOf(IllegalArgumentException.class);
            }
        }
        assertThat(SessionStore.Key.of(GOOD).toString()).doesNotContain(GOOD.substring(0, 6));
    }
}
