package dev.coatcheck.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate that signs itself and its key, made by the JDK's keytool, as a Java server and as memcached want them. Good for
 * two days.
 *
 * @param keyStore both, in a file of type PKCS12
 * @param password the file's
 * @param certificate the certificate, in PEM
 * @param key the key, in PEM, in clear
 */
public record TestCertificate(Path keyStore, String password, Path certificate, Path key) {
    private static final String PASSWORD = "only-for-tests";
    private static final String ALIAS = "server";

    /**
     * Makes one, in about a second.
     *
     * @param folder where its files go
     * @param name whose it is: {@code dns:localhost}, {@code ip:127.0.0.1}
     * @throws UncheckedIOException when keytool cannot be run, or fails; its words are in the message
     */
    public static TestCertificate make(Path folder, String name) {
        Path keyStore = folder.resolve("keys.p12");
        try {
            keytool(keyStore, folder.resolve("keytool.txt"), name);
            KeyStore keys = KeyStore.getInstance(keyStore.toFile(), PASSWORD.toCharArray());
            byte[] certificate = keys.getCertificate(ALIAS).getEncoded();
            byte[] key = keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded();
            return new TestCertificate(
                    keyStore,
                    PASSWORD,
                    pem(folder.resolve("certificate.pem"), "CERTIFICATE", certificate),
                    pem(folder.resolve("key.pem"), "PRIVATE KEY", key));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void keytool(Path keyStore, Path words, String name) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        ALIAS,
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + ALIAS,
                        "-ext",
                        "SAN=" + name,
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        keyStore.toString())
                .redirectErrorStream(true)
                .redirectOutput(words.toFile())
                .start();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("keytool failed: " + Files.readString(words));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while keytool ran", e);
        } finally {
            process.destroy();
        }
    }

    private static Path pem(Path file, String kind, byte[] bytes) throws IOException {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return Files.writeString(
                file,
                "-----BEGIN " + kind + "-----\n" + lines + "\n-----END " + kind + "-----\n",
                StandardCharsets.US_ASCII);
    }

    /** A context that trusts this certificate alone. */
    public SSLContext trusting() {
        try {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry(
                    ALIAS,
                    KeyStore.getInstance(keyStore.toFile(), password.toCharArray())
                            .getCertificate(ALIAS));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What {@link MemcachedServer#start} is given to speak TLS with it. */
    public String[] memcachedOptions() {
        return List.of("-Z", "-o", "ssl_chain_cert=" + certificate + ",ssl_key=" + key)
                .toArray(String[]::new);
    }

    /** The certificate's file. */
    @Override
    public String toString() {
        return "TestCertificate[" + certificate + "]";
    }
}
