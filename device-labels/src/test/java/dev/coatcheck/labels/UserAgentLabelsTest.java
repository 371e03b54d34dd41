package dev.coatcheck.labels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.coatcheck.Device;
import dev.coatcheck.SessionManager;
import dev.coatcheck.test.TestBrowser;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UserAgentLabelsTest {
    private static final String FIREFOX =
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0";

    private final UserAgentLabels labels = new UserAgentLabels();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                FIREFOX + " | Firefox on Windows",
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
                        + " | Chrome on Linux",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5"
                        + " Mobile/15E148 Safari/604.1 | Mobile Safari on iOS",
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0"
                        + " Safari/537.36 Edg/130.0.0.0 | Edge on Mac OS X",
                "curl/8.5.0 | curl"
            })
    void aBrowserIsNamedWithItsSystem(String userAgent, String label) {
        assertThat(labels.label(userAgent)).isEqualTo(label);
    }

    @Test
    void whatIsNoBrowserHasNoLabel() {
        for (String text : new String[] {"", "x", " ", "(".repeat(512), "; ".repeat(256), FIREFOX.repeat(10)}) {
            assertThat(labels.label(text)).isNull();
        }
    }

    @Test
    void nothingThatAClientSendsMakesItFail() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 200; i++) {
            StringBuilder mutated = new StringBuilder(FIREFOX);
            for (int j = random.nextInt(6); j >= 0; j--) {
                mutated.setCharAt(random.nextInt(mutated.length()), (char) random.nextInt(1, 0x10000));
            }
            assertThatCode(() -> labels.label(mutated.toString()))
                    .as("seed %d, %d", seed, i)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void aManagerFindsThemByItself() {
        try (SessionManager sessions = SessionManager.builder().build()) {
            new TestBrowser(sessions).header("User-Agent", FIREFOX).visit(session -> session.login("alice"));
            assertThat(sessions.devices("alice")).extracting(Device::label).containsExactly("Firefox on Windows");
        }
    }

    @Test
    void aFunctionOfTheApplicationGoesFirst() {
        try (SessionManager sessions =
                SessionManager.builder().deviceLabel(agent -> null).build()) {
            new TestBrowser(sessions).header("User-Agent", FIREFOX).visit(session -> session.login("alice"));
            assertThat(sessions.devices("alice")).extracting(Device::label).containsOnlyNulls();
        }
    }
}
