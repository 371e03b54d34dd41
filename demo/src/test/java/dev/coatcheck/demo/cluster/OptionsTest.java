package dev.coatcheck.demo.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {
    @Test
    void whatIsNotSaidHasADefault() {
        assertThat(Options.parse(List.of())).isEqualTo(new Options(List.of(8080, 8081), 0, false));
        assertThat(Options.parse(List.of("--traffic")).users()).isEqualTo(5);
    }

    @Test
    void theLastWordCounts() {
        assertThat(Options.parse(List.of("--screen", "--ports=0,0", "--traffic=20", "--lines", "--ports=1,65535")))
                .isEqualTo(new Options(List.of(1, 65_535), 20, false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--ports=8080 | two different ports",
                "--ports=8080,8080 | two different ports",
                "--ports=0,65536 | two different ports",
                "--ports=0,-1 | two different ports",
                "--traffic=0 | 1 to 100",
                "--traffic=101 | 1 to 100",
                "--traffic=many | 1 to 100",
                "--trafic | --help",
                "k | --help"
            })
    void aWrongOneIsNamedWithWhatIsAccepted(String argument, String accepted) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Options.parse(List.of(argument)))
                .withMessageContaining("'" + argument + "'")
                .withMessageContaining(accepted);
    }
}
