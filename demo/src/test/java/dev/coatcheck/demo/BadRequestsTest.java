package dev.coatcheck.demo;

import static dev.coatcheck.demo.Browser.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.test.CountingStore;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BadRequestsTest {
    private static final String FORM = "application/x-www-form-urlencoded";

    private final CountingStore store = new CountingStore(new EmbeddedSessionStore());
    private Site site;
    private Browser alice;
    private HttpResponse<String> page;

    @BeforeEach
    void open() throws Exception {
        site = Site.over(store);
        alice = site.browser();
        page = alice.signIn("alice");
    }

    @AfterEach
    void close() {
        site.close();
    }

    private void isThePageOf(int status, HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(header(answer, "Content-Type")).startsWith("text/html");
        assertThat(answer.body())
                .contains("<span class=\"number\">" + status + "</span>", "href=\"/chirp.css\"", "Chirp</a>")
                .doesNotContain("Jetty", "Exception", "\tat ");
        hasTheHeaders(answer);
        assertThat(site.timeline().newest()).isEmpty();
    }

    private static void hasTheHeaders(HttpResponse<?> answer) {
        PageHeaders.ALL.forEach(
                (name, value) -> assertThat(header(answer, name)).as(name).isEqualTo(value));
        assertThat(header(answer, "Server")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/sign-in", "/healthz", "/chirp.css", "/favicon.svg", "/nope"})
    void everythingHasTheSecurityHeaders(String path) {
        HttpResponse<String> answer = alice.get(path);

        hasTheHeaders(answer);
        assertThat(header(answer, "Content-Security-Policy"))
                .contains("default-src 'none'", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(answer.body()).doesNotContain("<script", "style=\"", " onclick", "javascript:", "http-equiv");
    }

    @Test
    void healthAndFilesDoNotTouchTheSession() {
        assertThat(store.during(() -> {
                    assertThat(alice.get("/healthz").body()).isEqualTo("ok\n");
                    assertThat(alice.get("/chirp.css").body()).contains(".ticket");
                    assertThat(header(alice.get("/favicon.svg"), "Content-Type"))
                            .isEqualTo("image/svg+xml");
                }))
                .hasToString("nothing");
        assertThat(alice.get("/healthz").headers().allValues("Vary")).isEmpty();
    }

    @Test
    void pagesAreNotKeptByAnyCache() {
        assertThat(header(alice.get("/"), "Cache-Control")).isEqualTo("no-store");
        assertThat(header(alice.get("/"), "Vary")).contains("Cookie");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nope", "/sign-in/", "/chirps/1", "/problem", "/WEB-INF/web.xml"})
    void anUnknownPathIs404(String path) {
        isThePageOf(404, alice.get(path));
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /chirps, POST",
        "GET, /sign-out, POST",
        "HEAD, /sign-out, POST",
        "POST, /, 'GET, HEAD'",
        "POST, /healthz, 'GET, HEAD'",
        "POST, /health, 'GET, HEAD'",
        "DELETE, /sign-in, 'GET, HEAD, POST'",
        "OPTIONS, /, 'GET, HEAD'",
        "TRACE, /, 'GET, HEAD'",
        "BREW, /, 'GET, HEAD'"
    })
    void aMethodThatAPathDoesNotTakeIs405(String method, String path, String allowed) {
        HttpResponse<String> answer = alice.send(method, path, BodyPublishers.noBody());

        assertThat(header(answer, "Allow")).isEqualTo(allowed);
        if (method.equals("HEAD")) {
            assertThat(answer.statusCode()).isEqualTo(405);
        } else {
            isThePageOf(405, answer);
        }
    }

    @Test
    void headAnswersLikeGetWithoutABody() {
        HttpResponse<String> answer = alice.send("HEAD", "/", BodyPublishers.noBody());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/chirps", "/sign-in", "/sign-out"})
    void aFormWithoutItsTokenIs403(String path) {
        isThePageOf(403, alice.post(path, Map.of("name", "mallory", "text", "Forged")));
        isThePageOf(403, alice.post(path, Map.of("name", "mallory", "text", "Forged", "_csrf", "")));
        isThePageOf(403, alice.post(path, Map.of("name", "mallory", "text", "Forged", "_csrf", "A".repeat(48))));
        isThePageOf(403, alice.post(path + "?_csrf=" + Browser.token(page), Map.of("text", "Forged")));
        assertThat(alice.get("/").body()).contains("<strong class=\"user\">alice</strong>");
    }

    @Test
    void aFormWithAnotherOnesTokenIs403() {
        Browser mallory = site.browser();
        String token = Browser.token(mallory.signIn("mallory"));

        isThePageOf(403, alice.post("/chirps", Map.of("text", "Forged", "_csrf", token)));
    }

    @ParameterizedTest
    @CsvSource({
        "Sec-Fetch-Site, cross-site",
        "Sec-Fetch-Site, same-site",
        "Origin, https://evil.example",
        "Origin, null",
        "Origin, http://localhost:1"
    })
    void aFormThatAnotherSiteSendsIs403(String name, String value) {
        isThePageOf(403, alice.post("/chirps", Map.of("text", "Forged", "_csrf", Browser.token(page)), name, value));
    }

    @Test
    void aFormThatThisSiteSendsIsTaken() {
        HttpResponse<String> answer = alice.post(
                "/chirps",
                Map.of("text", "Mine", "_csrf", Browser.token(page)),
                "Origin",
                site.uri().toString(),
                "Sec-Fetch-Site",
                "same-origin");

        assertThat(answer.statusCode()).isEqualTo(303);
    }

    @Test
    void aFormThatIsTooLargeIs413() {
        String body = "_csrf=" + Browser.token(page) + "&text=" + "x".repeat(Form.MAX_BYTES);

        isThePageOf(413, alice.post("/chirps", FORM, BodyPublishers.ofString(body)));
        // Without a length in front.
        isThePageOf(
                413,
                alice.post(
                        "/chirps",
                        FORM,
                        BodyPublishers.ofInputStream(
                                () -> new ByteArrayInputStream(body.getBytes(StandardCharsets.US_ASCII)))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "text/plain", "multipart/form-data; boundary=x"})
    void whatIsNoFormIs415(String type) {
        isThePageOf(415, alice.post("/chirps", type, BodyPublishers.ofString("text=Hello")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"text=%zz", "text=%e", "%=1"})
    void aFormThatCannotBeReadIs400(String body) {
        isThePageOf(400, alice.post("/chirps", FORM, BodyPublishers.ofString(body)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&&&", "=", "text", "text=%ff%fe", "_csrf=%00", "a=1&a=2&_csrf"})
    void anOddFormIsAFormWithoutAToken(String body) {
        isThePageOf(403, alice.post("/chirps", FORM, BodyPublishers.ofString(body)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"garbage", "AAAA", "\"quoted\"", "a b"})
    void aCookieThatIsNoTicketIsNoSession(String value) {
        Browser visitor = site.browser();
        visitor.cookies().put("SID", value);

        assertThat(store.during(() -> assertThat(visitor.get("/").body()).doesNotContain("class=\"user\"")))
                .hasToString("nothing");
    }

    @Test
    void whatTheServerItselfRefusesHasAPageToo() throws Exception {
        assertThat(raw("GARBAGE\r\n\r\n")).startsWith("HTTP/1.1 400").contains("<span class=\"number\">400</span>");
        assertThat(raw("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(20_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431")
                .contains("<span class=\"number\">431</span>", "Content-Security-Policy: default-src 'none'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a%2fb", "/%2e%2e/etc/passwd", "/%zz"})
    void aPathThatCanBeReadInTwoWaysIs400(String path) throws Exception {
        assertThat(raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 400")
                .contains("<span class=\"number\">400</span>");
    }

    private String raw(String request) throws Exception {
        try (Socket socket = new Socket("localhost", site.uri().getPort())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
