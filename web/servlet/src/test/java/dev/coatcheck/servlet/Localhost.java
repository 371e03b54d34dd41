package dev.coatcheck.servlet;

import dev.coatcheck.test.TestCertificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The certificate of all containers of a run. */
final class Localhost {
    static final TestCertificate CERTIFICATE = make();

    private Localhost() {}

    private static TestCertificate make() {
        try {
            Path folder = Files.createTempDirectory("coatcheck-tls");
            folder.toFile().deleteOnExit();
            TestCertificate made = TestCertificate.make(folder, "dns:localhost");
            try (Stream<Path> files = Files.list(folder)) {
                files.forEach(file -> file.toFile().deleteOnExit());
            }
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
