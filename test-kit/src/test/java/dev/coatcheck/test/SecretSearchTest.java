package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class SecretSearchTest {
    private static final String SECRET = "correct horse/battery";

    private final SecretSearch search = new SecretSearch().add("the password", SECRET);

    @Test
    void aSecretIsFoundInEverySpelling() {
        byte[] bytes = SECRET.getBytes(StandardCharsets.UTF_8);
        List<String> spellings = List.of(
                SECRET,
                HexFormat.of().formatHex(bytes),
                HexFormat.of().withUpperCase().formatHex(bytes),
                URLEncoder.encode(SECRET, StandardCharsets.UTF_8).replace("+", "%20"));
        assertThat(spellings)
                .allSatisfy(spelling -> assertThat(search.in("a log", "before " + spelling + " after"))
                        .containsExactly("the password is in a log, at byte 7"));
    }

    @Test
    void aSecretIsFoundInBase64AtAnyAlignment() {
        for (String before : List.of("", "a", "ab", "abc", "abcd")) {
            byte[] text = (before + SECRET + "tail").getBytes(StandardCharsets.UTF_8);
            assertThat(search.in("a log", Base64.getEncoder().encodeToString(text)))
                    .as(before)
                    .hasSize(1);
            assertThat(search.in("a log", Base64.getUrlEncoder().encodeToString(text)))
                    .as(before)
                    .hasSize(1);
        }
    }

    @Test
    void aTokenIsFoundAsTheBytesItStandsFor() {
        byte[] token = new byte[45];
        for (int i = 0; i < token.length; i++) {
            token[i] = (byte) (i * 37);
        }
        SecretSearch tokens =
                new SecretSearch().add("a token", Base64.getUrlEncoder().encodeToString(token));
        assertThat(tokens.in("a dump", token)).hasSize(1);
        assertThat(tokens.in("a log", HexFormat.of().formatHex(token))).hasSize(1);
        assertThatThrownBy(() -> tokens.assertAbsent("a dump", List.of(new byte[9], token)))
                .isInstanceOf(AssertionError.class)
                .hasMessage("a token is in a dump, at byte 0");
    }

    @Test
    void whatIsNotThereIsNotFound() {
        assertThat(search.in("a log", "correct horse, no battery")).isEmpty();
        search.assertAbsent("a log", "nothing of interest");
    }

    @Test
    void secretsAreNeitherShownNorTooShort() {
        assertThat(search.toString()).isEqualTo("SecretSearch[the password]");
        assertThatThrownBy(() -> search.add("a digit", "7")).isInstanceOf(IllegalArgumentException.class);
    }
}
