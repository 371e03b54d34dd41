package dev.coatcheck.servlet;

import dev.coatcheck.test.WebServer;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** What all servlet environments of Jetty stand on: the server and its port. */
final class JettyServer {
    private JettyServer() {}

    /** Starts one on a free port of the loopback. */
    static WebServer start(Handler handler, boolean tls, boolean http2) throws Exception {
        Server server = new Server();
        ServerConnector connector = connector(server, tls, http2);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(handler);
        try {
            server.start();
        } catch (Exception e) {
            server.stop();
            throw e;
        }
        return new WebServer() {
            @Override
            public int port() {
                return connector.getLocalPort();
            }

            @Override
            public void close() {
                try {
                    server.stop();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }
        };
    }

    private static ServerConnector connector(Server server, boolean tls, boolean http2) {
        if (!tls) {
            HttpConfiguration http = new HttpConfiguration();
            return http2
                    ? new ServerConnector(
                            server, new HttpConnectionFactory(http), new HTTP2CServerConnectionFactory(http))
                    : new ServerConnector(server, new HttpConnectionFactory(http));
        }
        SslContextFactory.Server keys = new SslContextFactory.Server();
        keys.setKeyStorePath(Localhost.CERTIFICATE.keyStore().toString());
        keys.setKeyStorePassword(Localhost.CERTIFICATE.password());
        HttpConfiguration https = new HttpConfiguration();
        https.addCustomizer(new SecureRequestCustomizer(false));
        return new ServerConnector(server, keys, new HttpConnectionFactory(https));
    }
}
