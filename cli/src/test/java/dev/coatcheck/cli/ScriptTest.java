package dev.coatcheck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.test.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
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

    /** A project with one module, whose Maven writes down that it was called. */
    private Path project() throws Exception {
        Path root = Files.createDirectory(folder.resolve("project"));
        Files.createDirectories(root.resolve("cli/src/main"));
        Files.writeString(root.resolve("pom.xml"), "");
        Path mvn = Files.writeString(folder.resolve("mvn"), """
                #!/bin/bash
                mkdir -p cli/target/run/classes
                echo "$PWD/cli/target/run/classes" >cli/target/run/class-path.txt
                echo "$@" >>calls.txt
                """);
        assertThat(mvn.toFile().setExecutable(true)).isTrue();
        return root;
    }

    private Typed build(Path root, Map<String, String> environment) throws Exception {
        Path common = Path.of(SCRIPT).resolveSibling("common.bash");
        String build = "set -euo pipefail; root=" + root + "; source " + common
                + "; build_to_run coatcheck cli; echo \"$(class_path cli)\"";
        Map<String, String> all = new HashMap<>(
                Map.of("PATH", folder + ":" + System.getenv("PATH"), "JAVA_HOME", System.getProperty("java.home")));
        all.putAll(environment);
        return run(all, List.of("bash", "-c", build));
    }

    @Test
    void aScriptBuildsItsModuleWhereItIsNotBuiltOrOlderThanASource() throws Exception {
        Path root = project();
        Path calls = root.resolve("calls.txt");
        Path built = root.resolve("cli/target/run/classes");
        for (int time = 0; time < 2; time++) {
            assertThat(build(root, Map.of()).out()).isEqualTo(built + ":" + built + "\n");
            assertThat(Files.readAllLines(calls)).singleElement().asString().contains("-pl cli", "target/run");
        }
        Path source = Files.writeString(root.resolve("cli/src/main/Coatcheck.java"), "");
        FileTime later = FileTime.from(Instant.now().plusSeconds(5));
        Files.setLastModifiedTime(source, later);
        assertThat(build(root, Map.of()).err()).isEqualTo("bin/coatcheck: building, a moment\n");
        assertThat(Files.readAllLines(calls)).hasSize(2);

        Files.setLastModifiedTime(source, FileTime.from(Instant.now().minusSeconds(60)));
        Files.delete(built);
        assertThat(build(root, Map.of()).exitCode()).isZero();
        assertThat(Files.readAllLines(calls)).as("what was built is gone").hasSize(3);
    }

    @Test
    void aScriptWithoutAJdkSaysSoInOneLine() throws Exception {
        Typed typed =
                build(project(), Map.of("JAVA_HOME", folder.resolve("none").toString()));
        assertThat(typed.exitCode()).isEqualTo(1);
        assertThat(typed.err().lines()).singleElement().asString().contains("bin/coatcheck", "JDK of 17", "JAVA_HOME");
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
