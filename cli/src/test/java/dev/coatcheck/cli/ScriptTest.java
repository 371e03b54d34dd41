package dev.coatcheck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.test.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process of its own. */
class ScriptTest {
    private static final String SCRIPT =
            Path.of("").toAbsolutePath().resolveSibling("bin/coatcheck").toString();

    @TempDir
    Path folder;

    private Typed run(Map<String, String> environment, List<String> command) throws Exception {
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("COATCHECK_"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Typed(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private Typed main(Map<String, String> environment, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Coatcheck.class.getName()));
        command.addAll(Arrays.asList(words));
        return run(environment, command);
    }

    @Test
    void theScriptHelpsWithoutABuild() throws Exception {
        for (String word : List.of("help", "-h", "--help")) {
            Typed typed = run(Map.of(), List.of(SCRIPT, word));
            assertThat(typed).isEqualTo(Typed.in(Map.of(), "help"));
        }
    }

    @Test
    void theProcessEndsWithTheExitCode() throws Exception {
        Typed typed = main(Map.of(), "ping");
        assertThat(typed.exitCode()).isEqualTo(Coatcheck.WRONG);
        assertThat(typed.err().lines()).singleElement().asString().contains("COATCHECK_STORE is not set");
    }

    @Test
    void userAndPasswordComeFromTheEnvironmentToo() throws Exception {
        try (PostgresServer postgres = PostgresServer.start()) {
            Map<String, String> environment = Map.of(
                    "COATCHECK_STORE",
                    postgres.plainUrl(),
                    "COATCHECK_JDBC_USER",
                    postgres.user(),
                    "COATCHECK_JDBC_PASSWORD",
                    postgres.password());
            Typed typed = main(environment, "ping");
            assertThat(typed.exitCode()).as(typed.err()).isZero();
            assertThat(typed.out()).contains("database");
            assertThat(typed.err()).isEmpty();

            typed = main(
                    Map.of(
                            "COATCHECK_STORE",
                            postgres.plainUrl(),
                            "COATCHECK_JDBC_USER",
                            postgres.user(),
                            "COATCHECK_JDBC_PASSWORD",
                            "canary-wrong"),
                    "ping");
            assertThat(typed.exitCode()).isEqualTo(Coatcheck.WRONG);
            assertThat(typed.out()).isEmpty();
            assertThat(typed.err().lines())
                    .singleElement()
                    .asString()
                    .startsWith("coatcheck: COATCHECK_STORE: ")
                    .doesNotContain("canary", "Exception");
        }
    }
}
