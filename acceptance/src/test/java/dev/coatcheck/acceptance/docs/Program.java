package dev.coatcheck.acceptance.docs;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A program of the documents in a process of its own, as a reader starts it, on a free port that it prints. */
final class Program implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern URL = Pattern.compile("^http://\\S+:([0-9]+)/$", Pattern.MULTILINE);

    private final Process process;
    private final Path output;
    private final int port;

    private Program(Process process, Path output) {
        this.process = process;
        this.output = output;
        await().atMost(PATIENCE)
                .until(() -> !process.isAlive() || URL.matcher(said()).find());
        Matcher url = URL.matcher(said());
        if (!url.find()) {
            throw new AssertionError("It ended:\n" + said());
        }
        port = Integer.parseInt(url.group(1));
    }

    /**
     * Starts one and waits until it serves.
     *
     * @param keys its COATCHECK_KEYS; empty for none
     */
    static Program start(Class<?> main, String keys, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dlogback.configurationFile=" + System.getProperty("logback.configurationFile"),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                "0"));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile("program", ".txt");
        output.toFile().deleteOnExit();
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("COATCHECK_"));
        if (!keys.isEmpty()) {
            builder.environment().put("COATCHECK_KEYS", keys);
        }
        Process process = builder.start();
        try {
            return new Program(process, output);
        } catch (RuntimeException | AssertionError e) {
            process.destroyForcibly();
            throw e;
        }
    }

    int port() {
        return port;
    }

    /** All that it has printed. */
    String said() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills it: no shutdown hook runs, and nothing is handed over. */
    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
