package dev.coatcheck.demo.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the users of the traffic count, at a site that shows what the test says. */
class UserTest {
    private final Queue<String> pages = new ConcurrentLinkedQueue<>();
    private final Tally tally = new Tally(1);
    private HttpServer site;
    private User user;

    @BeforeEach
    void open() throws IOException {
        site = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        site.createContext("/", this::answer);
        site.start();
        URI uri = URI.create("http://127.0.0.1:" + site.getAddress().getPort());
        user = new User("alice", List.of(uri, uri), tally);
    }

    @AfterEach
    void close() {
        site.stop(0);
    }

    /** A form is taken; a page is the next one of the test, or the form to sign in. */
    private void answer(HttpExchange request) throws IOException {
        try (request) {
            request.getRequestBody().readAllBytes();
            boolean isPage = request.getRequestURI().getPath().equals("/");
            byte[] page = (isPage ? pages.remove() : "").getBytes(StandardCharsets.UTF_8);
            request.sendResponseHeaders(request.getRequestMethod().equals("POST") ? 303 : 200, page.length + 1);
            request.getResponseBody().write(page);
            request.getResponseBody().write('\n');
        }
    }

    /** Each act of somebody who is signed in looks, chirps, and looks again. */
    private void shows(int... counts) {
        for (int count : counts) {
            pages.add("<b class=\"chirp-count\">" + count + "</b>");
        }
        user.act();
    }

    @Test
    void whatWasAcknowledgedOnceMustBeSeenEverAfter() {
        user.act();
        assertThat(tally).hasToString("traffic of 1 user: 1 ok, 0 unavailable, 0 stale, 0 lost");
        shows(0, 1);
        assertThat(tally).hasToString("traffic of 1 user: 4 ok, 0 unavailable, 0 stale, 0 lost");
        shows(1, 1);
        assertThat(tally)
                .as("the chirp is missing")
                .hasToString("traffic of 1 user: 6 ok, 0 unavailable, 1 stale, 0 lost");
        shows(1, 3);
        assertThat(tally).as("and still is").hasToString("traffic of 1 user: 8 ok, 0 unavailable, 2 stale, 0 lost");
    }

    @Test
    void aSessionThatIsGoneIsLostAndItsUserSignsInAgain() {
        user.act();
        pages.add("<p>Sign in</p>");
        user.act();
        assertThat(tally).hasToString("traffic of 1 user: 1 ok, 0 unavailable, 0 stale, 1 lost");
        user.act();
        shows(0, 1);
        assertThat(tally).hasToString("traffic of 1 user: 5 ok, 0 unavailable, 0 stale, 1 lost");
    }

    @Test
    void aSiteThatSaysThatItCannotTellIsUnavailable() {
        user.act();
        pages.add("<p>The counter rests</p>");
        user.act();
        assertThat(tally).hasToString("traffic of 1 user: 1 ok, 1 unavailable, 0 stale, 0 lost");
        shows(0, 1);
        assertThat(tally).hasToString("traffic of 1 user: 4 ok, 1 unavailable, 0 stale, 0 lost");
    }
}
