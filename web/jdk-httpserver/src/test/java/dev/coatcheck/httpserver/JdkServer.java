package dev.coatcheck.httpserver;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.coatcheck.test.TestCertificate;
import dev.coatcheck.test.WebServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** The JDK's server on a free port of the loopback, with one filter in front of every handler. */
final class JdkServer implements WebServer {
    static {
        // Read once by the server. Without it an answer's body waits for the acknowledgement of its header.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final ExecutorService executor;

    private JdkServer(HttpServer server, ExecutorService executor) {
        this.server = server;
        this.executor = executor;
        server.setExecutor(executor);
    }

    static JdkServer plain(ExecutorService executor) throws IOException {
        return new JdkServer(HttpServer.create(anyPort(), 0), executor);
    }

    static JdkServer plain() throws IOException {
        return plain(Executors.newCachedThreadPool());
    }

    static JdkServer tls(TestCertificate certificate) throws IOException, GeneralSecurityException {
        char[] password = certificate.password().toCharArray();
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(KeyStore.getInstance(certificate.keyStore().toFile(), password), password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(anyPort(), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        return new JdkServer(server, Executors.newCachedThreadPool());
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    HttpServer server() {
        return server;
    }

    JdkServer started(SessionFilter filter, Map<String, HttpHandler> handlers) {
        handlers.forEach((path, handler) ->
                server.createContext(path, handler).getFilters().add(filter));
        return started();
    }

    JdkServer started() {
        server.start();
        return this;
    }

    @Override
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
