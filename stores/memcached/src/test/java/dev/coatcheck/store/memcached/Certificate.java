package dev.coatcheck.store.memcached;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/** A certificate for localhost that signs itself, and its key, made by the JDK's keytool, as files in PEM. */
record Certificate(Path chain, Path key) {
    private static final String PASSWORD = "only-for-tests";

    static Certificate make(Path folder) throws Exception {
        Path store = folder.resolve("localhost.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder(
                        (keytool + " -genkeypair -alias localhost -keyalg EC -dname CN=localhost -ext SAN=dns:localhost"
                                        + " -validity 2 -storetype PKCS12 -storepass " + PASSWORD + " -keystore "
                                        + store)
                                .split(" "))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        byte[] certificate = keys.getCertificate("localhost").getEncoded();
        byte[] key = keys.getKey("localhost", PASSWORD.toCharArray()).getEncoded();
        return new Certificate(
                pem(folder.resolve("localhost.pem"), "CERTIFICATE", certificate),
                pem(folder.resolve("localhost.key"), "PRIVATE KEY", key));
    }

    private static Path pem(Path file, String what, byte[] bytes) throws Exception {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return Files.writeString(file, "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
    }
}
