package dev.coatcheck.demo.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cluster as a process, as {@code bin/cluster-demo} starts it. */
class ClusterDemoTest {
    private static final Duration PATIENCE = Duration.ofSeconds(100);
    private static final Pattern CHIRPS = Pattern.compile("class=\"chirp-count\">([0-9]+)<");

    @TempDir
    Path folder;

    private final List<String> said = new CopyOnWriteArrayList<>();
    private final List<ProcessHandle> children = new ArrayList<>();
    private Process process;
    private BufferedWriter in;
    private Thread reader;

    private void start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                ClusterDemo.class.getName()));
        command.addAll(List.of(arguments));
        start(command);
    }

    private void start(List<String> command) throws IOException {
        process = new ProcessBuilder(command)
                .redirectError(folder.resolve("stderr.txt").toFile())
                .start();
        in = process.outputWriter();
        BufferedReader out = process.inputReader();
        reader = new Thread(() -> {
            try (out) {
                for (String line = out.readLine(); line != null; line = out.readLine()) {
                    said.add(line);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        reader.setDaemon(true);
        reader.start();
    }

    /** Frozen ones too, which nothing else would end when the demo has failed. */
    @AfterEach
    void end() {
        Stream.concat(children.stream(), process.descendants()).toList().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private void order(String order) throws IOException {
        in.write(order + "\n");
        in.flush();
    }

    /** Waits for a line that was said after so many others; not for one that cannot come any more. */
    private MatchResult said(int after, String regex) {
        Pattern pattern = Pattern.compile(regex);
        return Awaitility.await(regex).atMost(PATIENCE).until(() -> found(after, pattern), Objects::nonNull);
    }

    private @Nullable MatchResult found(int after, Pattern pattern) throws IOException {
        boolean over = !reader.isAlive();
        for (String line : said.stream().skip(after).toList()) {
            Matcher matcher = pattern.matcher(line);
            if (matcher.find()) {
                return matcher.toMatchResult();
            }
        }
        assertThat(over)
                .as("It ended, having said %s and %s", said, Files.readString(folder.resolve("stderr.txt")))
                .isFalse();
        return null;
    }

    private MatchResult saidAfter(String order, String regex) throws IOException {
        int before = said.size();
        order(order);
        return said(before, regex);
    }

    private URI site(String name) {
        return URI.create(
                said(0, "Chirp " + name + " is open: (http://localhost:[0-9]+)").group(1));
    }

    private static void signIn(Browser browser, URI site) {
        Awaitility.await().atMost(PATIENCE).until(() -> {
            HttpResponse<String> form = browser.get(site.resolve("/sign-in"));
            return browser.post(site.resolve("/sign-in"), form, "name", "alice").statusCode() == 303;
        });
    }

    /** Until it is acknowledged: on a busy machine a node may answer too late, and the Chirp says so. */
    private static void chirp(Browser browser, URI at, String text) {
        Awaitility.await().atMost(PATIENCE).until(() -> {
            HttpResponse<String> page = browser.get(at.resolve("/"));
            return browser.post(at.resolve("/chirps"), page, "text", text).statusCode() == 303;
        });
    }

    /** A page that the session could be read for: never an older one. */
    private static void isCounted(Browser browser, URI site, int chirps) {
        String page = Awaitility.await()
                .atMost(PATIENCE)
                .until(
                        () -> browser.get(site.resolve("/")),
                        answer -> !answer.body().contains("The counter rests"))
                .body();
        Matcher counted = CHIRPS.matcher(page);
        assertThat(counted.find()).as("still signed in").isTrue();
        assertThat(Integer.parseInt(counted.group(1))).isGreaterThanOrEqualTo(chirps);
    }

    private int exitCode() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private void startThreeMemcacheds(String... arguments) throws IOException {
        start(arguments);
        for (int node = 1; node <= 3; node++) {
            String pid = said(0, "n" + node + " .* pid ([0-9]+) +up +A sees up +B sees up")
                    .group(1);
            children.add(ProcessHandle.of(Long.parseLong(pid)).orElseThrow());
        }
        assertThat(children).allMatch(ProcessHandle::isAlive);
    }

    private void nothingIsLeft() {
        assertThat(children).isNotEmpty();
        Awaitility.await().atMost(PATIENCE).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    void aSessionOutlivesTheDeathOfOneOfItsNodesAndTheFreezeOfTheOther() throws Exception {
        startThreeMemcacheds("--ports=0,0");
        URI a = site("A");
        URI b = site("B");
        Browser alice = new Browser();
        signIn(alice, a);
        chirp(alice, a, "The first");
        isCounted(alice, b, 1);
        String session = said(0, "session .*: v[0-9]+ .*: v[0-9]+( .*)?$").group();
        String first = session.replaceAll(".*?n([1-3]): v.*", "$1");
        String second = session.replaceAll(".*n([1-3]): v.*", "$1");

        saidAfter("k " + first, "Node " + first + " is killed");
        said(0, "n" + first + " .* killed +A sees away +B sees away +0 items");
        int killed = said.size();
        chirp(alice, a, "The second");
        isCounted(alice, b, 2);
        assertThat(alice.get(b.resolve("/")).body()).contains("The first", "The second");
        said(killed, "A counts: .* n" + first + " waits for [1-9]");

        int revived = said.size();
        String pid = saidAfter("r " + first, "Node " + first + " runs again, empty, as process ([0-9]+)")
                .group(1);
        children.add(ProcessHandle.of(Long.parseLong(pid)).orElseThrow());
        said(revived, "[AB] counts: repairs [1-9]");
        said(revived, "session .*n" + first + ": v[0-9]+(  .*)?$");

        saidAfter("f " + second, "Node " + second + " is frozen");
        chirp(alice, a, "The third");
        isCounted(alice, b, 3);
        said(revived, "n" + second + " .* frozen +A sees away +B sees away");
        int frozen = said.size();
        saidAfter("t " + second, "Node " + second + " goes on");
        said(frozen, "n" + second + " .* up +A sees up +B sees up");
        isCounted(alice, a, 3);
        isCounted(alice, b, 3);

        order("q");
        assertThat(exitCode()).isZero();
        nothingIsLeft();
    }

    @Test
    void aSignalEndsAllOfItFrozenNodesToo() throws Exception {
        startThreeMemcacheds("--ports=0,0", "--traffic=2");
        said(0, "traffic of 2 users: [1-9][0-9]* ok, [0-9]+ unavailable, 0 stale, 0 lost");
        saidAfter("f 3", "Node 3 is frozen");

        process.toHandle().destroy(); // SIGTERM, and stdout stays open

        assertThat(exitCode()).isEqualTo(143);
        nothingIsLeft();
        assertThat(said(0, "All that was started has ended. There was traffic of 2 users: .*")
                        .group())
                .contains(" 0 stale");
    }

    @Test
    void whatCannotBeDoneIsSaidAndTheEndOfTheInputEndsAll() throws Exception {
        startThreeMemcacheds("--ports=0,0");

        saidAfter("x 1", "'x 1' is no command; h tells them");
        saidAfter("h", "k 1 kill node 1, f 1 freeze");
        saidAfter("k", "Which node\\? As 'k 1', up to 3");
        saidAfter("r 4", "There is no node 4: they are 1 to 3");
        saidAfter("t 1", "Node 1 is not frozen");
        saidAfter("k 1", "Node 1 is killed");
        saidAfter("k 1", "Node 1 is dead already; 'r 1'");
        saidAfter("f 1", "Node 1 is dead; 'r 1'");
        saidAfter("t 1", "Node 1 is dead; 'r 1'");
        saidAfter("f 2", "Node 2 is frozen");
        saidAfter("f 2", "Node 2 is frozen already; 't 2'");
        saidAfter("s", "n3 .* up ");

        in.close();
        assertThat(exitCode()).isZero();
        nothingIsLeft();
    }

    @Test
    void aWrongArgumentIsOneLine() throws Exception {
        start("--prots=0,0");

        assertThat(exitCode()).isEqualTo(2);
        assertThat(Files.readAllLines(folder.resolve("stderr.txt")))
                .singleElement()
                .asString()
                .contains("--prots=0,0", "--help");
    }

    @Test
    void aPortThatIsTakenIsSaid() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("localhost"))) {
            start("--ports=0," + taken.getLocalPort());

            assertThat(exitCode()).isEqualTo(1);
            assertThat(Files.readAllLines(folder.resolve("stderr.txt")))
                    .filteredOn(line -> line.startsWith("cluster-demo"))
                    .singleElement()
                    .asString()
                    .contains("port " + taken.getLocalPort() + " is taken", "--ports=8090,8091");
        }
    }

    @Test
    void helpTellsTheCommands() throws Exception {
        start("--help");

        helps();
    }

    @Test
    void theScriptHelpsWithoutABuild() throws Exception {
        Path script = Path.of("").toAbsolutePath().resolveSibling("bin/cluster-demo");
        start(List.of(script.toString(), "--traffic", "--help"));

        helps();
    }

    private void helps() throws InterruptedException {
        assertThat(exitCode()).isZero();
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(said)
                        .contains("  f 1   freeze it: it takes connections, answers nothing and forgets nothing"));
    }
}
