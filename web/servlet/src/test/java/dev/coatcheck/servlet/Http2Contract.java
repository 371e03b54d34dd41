package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.servlet.Container.Application;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Sessions over HTTP/2, without TLS. */
abstract class Http2Contract extends ServletFixture {
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_2)
            .connectTimeout(Duration.ofSeconds(30))
            .build();

    Http2Contract(Container container) {
        super(container);
    }

    private URI start(Map<String, Page> pages) throws Exception {
        Application application = application(pages);
        application.http2 = true;
        URI server = URI.create(
                "http://localhost:" + opened(container.start(application)).port());
        // The first exchange begins as HTTP/1.1 and is upgraded; its connection is used for all that follow.
        assertThat(http.send(request(server, "/none"), BodyHandlers.discarding())
                        .version())
                .isEqualTo(HttpClient.Version.HTTP_2);
        return server;
    }

    private static HttpRequest request(URI server, String path, String... cookies) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(server.resolve(path)).timeout(Duration.ofSeconds(30));
        for (String cookie : cookies) {
            request.header("Cookie", cookie);
        }
        return request.build();
    }

    private static String ticket(HttpResponse<?> response) {
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(response.headers().allValues("Set-Cookie")).hasSize(1);
        return response.headers().firstValue("Set-Cookie").orElseThrow().split(";", -1)[0];
    }

    @Test
    void aTicketIsFoundAmongTheCrumbsOfTheCookieHeader() throws Exception {
        URI server = start(Map.of("/in", set("Ann"), "/read", READ));
        String ticket = ticket(http.send(request(server, "/in"), BodyHandlers.discarding()));

        HttpResponse<String> read =
                http.send(request(server, "/read", "a=1", ticket, "b=2; c=3"), BodyHandlers.ofString());

        assertThat(read.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(read.body()).isEqualTo("name Ann");
        assertThat(read.headers().allValues("Set-Cookie")).isEmpty();
    }

    @Test
    void theSessionIsStoredWhenTheFirstByteArrives() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        URI server = start(Map.of("/read", READ, "/held", (request, response) -> {
            set("Ann").serve(request, response);
            response.getOutputStream().write('a');
            response.flushBuffer();
            assertThat(go.await(30, TimeUnit.SECONDS)).isTrue();
            response.getOutputStream().write('b');
        }));

        CompletableFuture<HttpResponse<InputStream>> held =
                http.sendAsync(request(server, "/held"), BodyHandlers.ofInputStream());
        try {
            HttpResponse<InputStream> begun = held.get(30, TimeUnit.SECONDS);
            assertThat(begun.body().read()).isEqualTo('a');
            HttpResponse<String> read = http.send(request(server, "/read", ticket(begun)), BodyHandlers.ofString());
            assertThat(read.body()).isEqualTo("name Ann");
        } finally {
            go.countDown();
        }
        assertThat(held.get().body().readAllBytes()).containsExactly('b');
    }
}
