package dev.coatcheck.httpserver;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsExchange;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.PlainHttp;
import dev.coatcheck.test.TestCertificate;
import dev.coatcheck.test.WebClient;
import dev.coatcheck.test.WebReply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the filter makes of connections and of the names that requests give. */
class ConnectionTest extends ServerFixture {
    private static final HttpHandler FORM =
            exchange -> answer(exchange, Sessions.current(exchange).csrfToken());
    private static final HttpHandler POST = exchange -> {
        String token = exchange.getRequestURI().getQuery();
        answer(exchange, "valid " + Sessions.current(exchange).isCsrfValid(token));
    };

    @Test
    void overTlsTheCookieIsSecureAndTheHandlerHasTheConnectionsTls(@TempDir Path folder) throws Exception {
        TestCertificate certificate = TestCertificate.make(folder, "dns:localhost");
        JdkServer server = opened(JdkServer.tls(certificate));
        server.started(
                filter(),
                Map.of(
                        "/in",
                        exchange -> {
                            Sessions.current(exchange).set(NAME, "Ann");
                            answer(
                                    exchange,
                                    ((HttpsExchange) exchange).getSSLSession().getProtocol());
                        },
                        "/read",
                        READ,
                        "/form",
                        FORM,
                        "/post",
                        POST));
        WebClient client =
                opened(new WebClient(server.port(), certificate.trusting().getSocketFactory()));
        client.host("example.org");

        WebReply reply = client.get("/in");

        assertThat(reply.body()).startsWith("TLS");
        assertThat(reply.cookies())
                .singleElement()
                .asString()
                .startsWith("__Host-SID=")
                .contains("Secure");
        assertThat(client.get("/read").body()).isEqualTo("name Ann");
        String token = client.get("/form").body();
        assertThat(client.send("POST", "/post?" + token, "Origin: https://example.org")
                        .body())
                .isEqualTo("valid true");
        assertThat(client.send("POST", "/post?" + token, "Origin: http://example.org")
                        .body())
                .isEqualTo("valid false");
    }

    @Test
    void overPlainHttpAnotherHostThanThisMachineGetsNoSession() throws Exception {
        WebClient client = client(Map.of("/in", IN));

        assertThat(client.host("example.org").get("/in").cookies()).isEmpty();
        assertThat(client.host("127.0.0.1:" + client.port()).get("/in").cookies())
                .hasSize(1);
        assertThat(store.counts().create()).isEqualTo(1);
    }

    private static String raw(int port, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    @Test
    void withoutAHostTheAddressCounts() throws Exception {
        int port = client(Map.of("/in", IN)).port();

        assertThat(raw(port, "GET /in HTTP/1.0\r\n\r\n")).contains("200 OK", "SID=");
    }

    @Test
    void twoHostsAreNone() throws Exception {
        int port = client(Map.of("/in", IN)).port();

        assertThat(raw(port, "GET /in HTTP/1.0\r\nHost: localhost\r\nHost: localhost\r\n\r\n"))
                .contains("200 OK")
                .doesNotContain("SID=");
    }

    /** Where such a request has a session, since a proxy says nothing of the host. */
    @Test
    void aFormThatComesToTwoHostsIsRefusedForItsOrigin() throws Exception {
        SessionManager manager = opened(SessionManager.builder()
                .store(store)
                .plainHttp(PlainHttp.TLS_ENDS_AT_PROXY)
                .build());
        JdkServer server = JdkServer.plain();
        server.started(new SessionFilter(manager), Map.of("/in", IN, "/form", FORM, "/post", POST));
        WebClient client = client(server).host("example.org");
        client.get("/in");
        String path = "/post?" + client.get("/form").body();
        String origin = "Origin: https://example.org";
        String another = "Host: example.org";

        assertThat(client.send("POST", path, origin).body()).isEqualTo("valid true");
        assertThat(client.send("POST", path, another, origin).body()).isEqualTo("valid false");
        assertThat(client.send("POST", path, another).body()).isEqualTo("valid true");
    }

    @Test
    void aHostInTheRequestLineGoesBeforeTheHeader() throws Exception {
        int port = client(Map.of("/in", IN)).port();

        assertThat(raw(port, "GET http://example.org/in HTTP/1.0\r\nHost: localhost\r\n\r\n"))
                .contains("200 OK")
                .doesNotContain("SID=");
        assertThat(raw(port, "GET http://localhost/in HTTP/1.0\r\nHost: example.org\r\n\r\n"))
                .contains("200 OK", "SID=");
    }

    /** The server takes what follows two slashes for a host; a browser sends such a path to the host that it names. */
    @Test
    void aPathOfTwoSlashesNamesNoHost() throws Exception {
        SessionManager manager = manager();
        JdkServer server = JdkServer.plain();
        server.started(new SessionFilter(manager), Map.of("/in", IN, "/form", FORM, "/post", POST));
        WebClient client = client(server);
        client.host("localhost:" + client.port());
        client.get("/in");
        String token = client.get("/form").body();

        assertThat(client.send("POST", "//evil.example/post?" + token, "Origin: http://evil.example")
                        .body())
                .isEqualTo("valid false");
        assertThat(client.send("POST", "//evil.example/post?" + token, "Origin: http://localhost:" + client.port())
                        .body())
                .isEqualTo("valid true");
    }

    @Test
    void aPathOfTwoSlashesIsThePathOfTheCookiesThatAreDeleted() throws Exception {
        WebClient client = client(Map.of("/in", IN, "/read", READ));
        client.get("/in");
        String one = client.jar().remove("SID");
        client.get("/in");
        String two = client.jar().remove("SID");

        WebReply reply = client.get("//a/read", "Cookie: SID=" + one + "; SID=" + two);

        assertThat(reply.body()).isEqualTo("name null");
        assertThat(reply.cookies().stream().map(line -> line.replaceAll(".*; Path=([^;]*).*", "$1")))
                .contains("//a", "//a/read");
    }
}
