package dev.coatcheck.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is typed. Nothing is measured here. */
class BenchmarksTest {
    @Test
    void eachNumberOfCallersIsARunOfItsOwn() {
        assertThat(Benchmarks.callers(List.of())).containsExactly(1, 4, 16, 64, 256);
        assertThat(Benchmarks.callers(List.of("16", "1", "10000"))).containsExactly(16, 1, 10_000);
        assertThat(Benchmarks.callers(List.of("ignored"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "10001", "99999999999", "many", "", "--minutes", "ignored"})
    void whatIsNoNumberOfCallersIsNamed(String argument) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Benchmarks.callers(List.of("4", argument)))
                .withMessage("'" + argument + "' is no number of callers from 1 to 10000");
    }

    @Test
    void theScriptHelpsWithoutABuild() throws Exception {
        Path script = Path.of("").toAbsolutePath().resolveSibling("bin/benchmark");
        for (String word : List.of("-h", "--help")) {
            Process process = new ProcessBuilder(script.toString(), word)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String help = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            assertThat(help.lines())
                    .contains(
                            "Usage: bin/benchmark [CALLERS...]",
                            "  CALLERS   how many callers at a time, each a run of its own. Default 1 4 16 64 256")
                    .allSatisfy(line -> assertThat(Files.readString(script)).contains(("# " + line).strip()));
        }
    }
}
