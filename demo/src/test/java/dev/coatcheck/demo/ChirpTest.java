package dev.coatcheck.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.KeyRing;
import dev.coatcheck.test.MariaDbServer;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.PostgresServer;
import java.io.BufferedReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Chirp as a process, as {@code bin/demo} starts it. */
class ChirpTest {
    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();
    private Path errors;

    @BeforeEach
    void name() {
        errors = folder.resolve("stderr.txt");
    }

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    private Process start(Map<String, String> environment, String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Chirp.class.getName()));
        command.addAll(List.of(args));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectError(errors.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("COATCHECK_") || name.equals("PORT"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private static int exitCode(Process process) throws Exception {
        assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private URI opened(BufferedReader out) throws Exception {
        String line = out.readLine();
        assertThat(line).as("stderr: %s", Files.readString(errors)).startsWith("Chirp is open: http://localhost:");
        return URI.create(line.substring(line.indexOf("http")));
    }

    @Test
    void servesUntilItIsToldToStop() throws Exception {
        Process process = start(Map.of("PORT", "0"));
        try (BufferedReader out = process.inputReader()) {
            Browser browser = new Browser(opened(out));
            assertThat(out.readLine()).contains("embedded:", ".coatcheck-keys", "Ctrl+C");
            assertThat(browser.get("/healthz").body()).isEqualTo("ok\n");
            assertThat(browser.signIn("alice").body()).contains("Welcome, alice.");

            process.toHandle().destroy(); // SIGTERM, and stdout stays open

            assertThat(out.readLine()).isEqualTo("Chirp is closed.");
            assertThat(exitCode(process)).isEqualTo(143);
        }
        assertThat(errors).isEmptyFile();
        assertThat(folder.resolve(".coatcheck-keys")).isNotEmptyFile();
    }

    @Test
    void aRestartAndASecondChirpKeepTheRing() throws Exception {
        Path keys = folder.resolve("ring");
        Process one = start(Map.of("PORT", "0"), "--key-file=" + keys);
        opened(one.inputReader());
        String ring = Files.readString(keys);
        Process other = start(Map.of("PORT", "0"), "--key-file=" + keys);
        opened(other.inputReader());

        assertThat(Files.readString(keys)).isEqualTo(ring);
    }

    @Test
    void onMemcachedASessionOutlivesItsProcessAndIsSharedWithAnother() throws Exception {
        try (MemcachedServer memcached = MemcachedServer.start()) {
            Map<String, String> environment =
                    Map.of("PORT", "0", "COATCHECK_STORE", "memcached://" + memcached.address() + "?timeout=5s");
            Process before = start(environment);
            Browser alice = new Browser(opened(before.inputReader()));
            alice.signIn("alice");
            before.toHandle().destroy();
            exitCode(before);

            Browser one = alice.at(opened(start(environment).inputReader()));
            Browser other = alice.at(opened(start(environment).inputReader()));
            HttpResponse<String> page = one.get("/");
            assertThat(page.body()).contains("<strong class=\"user\">alice</strong>");
            assertThat(other.get("/").body()).contains("<strong class=\"user\">alice</strong>");
            assertThat(one.post("/sign-out", page).statusCode()).isEqualTo(303);
            assertThat(other.get("/").body()).doesNotContain("class=\"user\"");
        }
    }

    @Test
    void onTwoTiersASessionOutlivesBothProcesses() throws Exception {
        try (MemcachedServer memcached = MemcachedServer.start()) {
            String file = "jdbc:h2:file:" + folder.resolve("chirp");
            outlivesItsProcess("tiered:memcached://" + memcached.address() + "?timeout=5s+" + file, memcached::restart);
        }
    }

    @Test
    void onH2ASessionOutlivesItsProcess() throws Exception {
        outlivesItsProcess("jdbc:h2:file:" + folder.resolve("chirp"), () -> {});
    }

    @Test
    void onPostgresASessionOutlivesItsProcess() throws Exception {
        try (PostgresServer postgres = PostgresServer.start()) {
            outlivesItsProcess(postgres.url() + "&coatcheck.timeout=10s", postgres::restart);
        }
    }

    @Test
    void onMariaDbASessionOutlivesItsProcess() throws Exception {
        try (MariaDbServer mariadb = MariaDbServer.start()) {
            outlivesItsProcess(mariadb.url() + "&coatcheck.timeout=10s", mariadb::restart);
        }
    }

    private void outlivesItsProcess(String store, Runnable meanwhile) throws Exception {
        Map<String, String> environment = Map.of("PORT", "0", "COATCHECK_STORE", store);
        Process before = start(environment);
        Browser alice = new Browser(opened(before.inputReader()));
        alice.signIn("alice");
        before.toHandle().destroy();
        exitCode(before);
        meanwhile.run();

        Process after = start(environment);
        BufferedReader out = after.inputReader();
        Browser again = alice.at(opened(out));
        assertThat(out.readLine())
                .contains(store.substring(0, store.indexOf(':') + 1))
                .doesNotContain("password");
        assertThat(again.get("/").body()).contains("<strong class=\"user\">alice</strong>");
        after.toHandle().destroy();
        exitCode(after);
    }

    @Test
    void keysOfTheEnvironmentGoBeforeTheFile() throws Exception {
        Process process = start(Map.of("PORT", "0", "COATCHECK_KEYS", KeyRing.generate()));
        BufferedReader out = process.inputReader();
        opened(out);

        assertThat(out.readLine()).contains("keys come from COATCHECK_KEYS");
        assertThat(folder.resolve(".coatcheck-keys")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({
        "PORT, eighty, 'PORT = ''eighty'': accepted are the numbers 0 to 65535'",
        "PORT, 65536, 'PORT = ''65536'': accepted are the numbers 0 to 65535'",
        "PORT, -1, 'PORT = ''-1'': accepted are the numbers 0 to 65535'",
        "COATCHECK_STORE, nowhere://user:hunter2@x, 'nowhere'",
        "COATCHECK_STORE, embedded, 'scheme'",
        "COATCHECK_STORE, embedded:?maxBytes=1, '1048576'",
        "COATCHECK_STORE, memcached://user:hunter2@127.0.0.1:99999, '127.0.0.1:99999'",
        "COATCHECK_STORE, memcached://127.0.0.1?timeout=soon, 'timeout = soon: milliseconds or seconds'",
        "COATCHECK_STORE, jdbc:oracle:thin:chirp/hunter2@db, 'jdbc:postgresql:'",
        "COATCHECK_STORE, tiered:memcached://u:hunter2@127.0.0.1:11211, 'tiered:memcached://mc1:11211+jdbc:'",
        "COATCHECK_KEYS, 1:c2VjcmV0, 'COATCHECK_KEYS'"
    })
    void aWrongSettingIsOneLine(String name, String value, String said) throws Exception {
        isOneLine(start(Map.of(name, value)), said);
    }

    @Test
    void aWrongSecondTierIsOneLine() throws Exception {
        try (MemcachedServer memcached = MemcachedServer.start()) {
            String cache = "memcached://" + memcached.address();
            isOneLine(start(Map.of("COATCHECK_STORE", "tiered:" + cache + "+" + cache)), "durable store");
            String unknown = "tiered:" + cache + "+jdbc:oracle:thin:chirp/hunter2@db";
            isOneLine(start(Map.of("COATCHECK_STORE", unknown)), "jdbc:postgresql:");
        }
    }

    private void isOneLine(Process process, String said) throws Exception {
        assertThat(exitCode(process)).isEqualTo(1);
        assertThat(Files.readAllLines(errors))
                .filteredOn(line -> !line.matches(".* (INFO|WARN) .*memcached .* answer.*"))
                .singleElement()
                .asString()
                .startsWith("Chirp cannot start: ")
                .contains(said)
                .doesNotContain("hunter2", "c2VjcmV0", "Exception");
    }

    @Test
    void aPortThatIsTakenIsOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("localhost"))) {
            Process process = start(Map.of("PORT", String.valueOf(taken.getLocalPort())));

            assertThat(exitCode(process)).isEqualTo(1);
            assertThat(Files.readAllLines(errors))
                    .singleElement()
                    .asString()
                    .contains("port " + taken.getLocalPort() + " is taken");
        }
    }

    @Test
    void anUnknownOptionIsOneLine() throws Exception {
        Process process = start(Map.of(), "--prot=1");

        assertThat(exitCode(process)).isEqualTo(1);
        assertThat(Files.readAllLines(errors)).singleElement().asString().contains("--prot=1", "--help");
    }

    @Test
    void helpTellsTheSettings() throws Exception {
        Process process = start(Map.of(), "--help");
        String help = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(exitCode(process)).isZero();
        assertThat(help).contains("PORT", "COATCHECK_STORE", "COATCHECK_KEYS", "http://localhost:8080");
    }
}
