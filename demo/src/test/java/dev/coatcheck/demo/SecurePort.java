package dev.coatcheck.demo;

import dev.coatcheck.test.TestCertificate;
import java.nio.file.Path;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** A port with TLS beside that of a Chirp. */
final class SecurePort {
    private SecurePort() {}

    /** Opens one for a server that runs, and returns its number. The certificate's files go into the folder. */
    static int open(Server jetty, Path folder) throws Exception {
        TestCertificate certificate = TestCertificate.make(folder, "dns:localhost");
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setKeyStorePath(certificate.keyStore().toString());
        tls.setKeyStorePassword(certificate.password());
        HttpConfiguration https = new HttpConfiguration();
        https.addCustomizer(new SecureRequestCustomizer(false));
        ServerConnector connector = new ServerConnector(jetty, tls, new HttpConnectionFactory(https));
        connector.setHost("localhost");
        connector.setShutdownIdleTimeout(50);
        jetty.addConnector(connector);
        connector.start();
        return connector.getLocalPort();
    }
}
