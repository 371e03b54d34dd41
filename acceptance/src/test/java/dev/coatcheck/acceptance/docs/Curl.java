package dev.coatcheck.acceptance.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A browser that is the program curl, with its cookies in a file. */
final class Curl {
    private final Path jar;
    private final int port;

    Curl(Path jar, int port) {
        this.jar = jar;
        this.port = port;
    }

    /** Another one with the cookies of this moment. */
    Curl copy(Path itsJar) throws IOException {
        Files.copy(jar, itsJar);
        return new Curl(itsJar, port);
    }

    /** A request that is under way. */
    record Request(Process process, Path output) {
        /** Waits for the answer's body. */
        String body() throws IOException, InterruptedException {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            String text = Files.readString(output);
            assertThat(process.exitValue()).as(text).isZero();
            return text.strip();
        }
    }

    /** Begins a request; curl reads its cookies now, and writes them when it has the answer. */
    Request begin(String path, String... options) throws IOException {
        List<String> command = new ArrayList<>(
                List.of("curl", "--silent", "--show-error", "--fail", "--max-time", "60", "--noproxy", "*"));
        command.addAll(List.of("--cookie", jar.toString(), "--cookie-jar", jar.toString()));
        command.addAll(List.of(options));
        command.add("http://localhost:" + port + path);
        Path output = Files.createTempFile(jar.getParent(), "curl", ".txt");
        return new Request(
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start(),
                output);
    }

    String get(String path) throws IOException, InterruptedException {
        return begin(path).body();
    }

    String put(String path, String text) throws IOException, InterruptedException {
        return beginPut(path, text).body();
    }

    Request beginPut(String path, String text) throws IOException {
        return begin(path, "--request", "PUT", "--data", text);
    }

    String delete(String path) throws IOException, InterruptedException {
        return begin(path, "--request", "DELETE").body();
    }
}
