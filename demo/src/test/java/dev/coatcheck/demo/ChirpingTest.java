package dev.coatcheck.demo;

import static dev.coatcheck.demo.Browser.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.test.FakeClock;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChirpingTest {
    private final FakeClock clock = new FakeClock();
    private Site site;
    private Browser alice;
    private HttpResponse<String> page;

    @BeforeEach
    void open() throws Exception {
        site = Site.over(new EmbeddedSessionStore(EmbeddedSessionStore.DEFAULT_MAX_BYTES, clock), clock);
        alice = site.browser();
        page = alice.signIn("alice");
    }

    @AfterEach
    void close() {
        site.close();
    }

    @Test
    void aChirpIsForEverybodyAndItsMessageForItsAuthor() {
        HttpResponse<String> answer = alice.post("/chirps", page, "text", "Hello, cloakroom");

        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(header(answer, "Location")).isEqualTo("/");
        assertThat(site.browser().get("/").body())
                .contains("Hello, cloakroom", "<strong class=\"author\">alice</strong>")
                .doesNotContain("Your chirp is out.");
        assertThat(alice.get("/").body()).contains("Your chirp is out.", "<dd class=\"chirp-count\">1</dd>");
        assertThat(alice.get("/").body()).doesNotContain("Your chirp is out.");
    }

    @Test
    void theTimeIsToldInWordsAndForMachines() {
        alice.post("/chirps", page, "text", "Tick");
        clock.advance(Duration.ofMinutes(5));

        assertThat(site.browser().get("/").body())
                .contains(">5 minutes ago</time>")
                .containsPattern("<time datetime=\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\" title=\"[^\"]+ UTC\">");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "\n\t\n", "\u200b\u200d", "\u0000"})
    void aChirpWithoutAnythingToSeeIsNotTaken(String text) {
        HttpResponse<String> answer = alice.post("/chirps", page, "text", text);

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains("id=\"text-fault\"", "There is nothing in it yet");
        assertThat(site.timeline().newest()).isEmpty();
        assertThat(alice.get("/").body()).doesNotContain("Your chirp is out.");
    }

    @Test
    void lengthIsCountedInCodePoints() {
        assertThat(alice.post("/chirps", page, "text", "🧥".repeat(280)).statusCode())
                .isEqualTo(303);

        HttpResponse<String> answer = alice.post("/chirps", alice.get("/"), "text", "🧥".repeat(281));

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains("That is 281 characters", "\n" + "🧥".repeat(281) + "</textarea>");
        assertThat(site.timeline().newest()).hasSize(1);
    }

    @Test
    void whatPeopleWriteIsTextAndNothingElse() {
        String text = "<script>alert(1)</script> \"'><img src=x onerror=alert(2)> &amp; </p></textarea>";

        alice.post("/chirps", page, "text", text);

        assertThat(alice.get("/").body())
                .doesNotContain("<script", "<img src=x", "</textarea>\"")
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;", "&amp;amp;");
        HttpResponse<String> again = alice.post("/chirps", alice.get("/"), "text", text + "x".repeat(300));
        assertThat(again.body()).contains("&lt;/textarea&gt;").doesNotContain("<img src=x");
        Browser visitor = site.browser();
        assertThat(visitor.post("/sign-in", visitor.get("/sign-in"), "name", "\" autofocus onfocus=\"alert(3)")
                        .body())
                .contains("value=\"&#34; autofocus onfocus=&#34;alert(3)\"");
    }

    @Test
    void linesEndAsTheyShouldAndControlCharactersAreBlanks() {
        alice.post("/chirps", page, "text", "  one\r\ntwo\u0007three\u001b[31m  ");

        assertThat(site.timeline().newest().get(0).text()).isEqualTo("one\ntwo three [31m");
    }

    @Test
    void aVisitorWithAFormIsSentToSignIn() {
        Browser visitor = site.browser();

        HttpResponse<String> answer = visitor.post("/chirps", visitor.get("/sign-in"), "text", "Anonymous");

        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(header(answer, "Location")).isEqualTo("/sign-in");
        assertThat(site.timeline().newest()).isEmpty();
    }

    @Test
    void theNewestTwoHundredAreKept() {
        for (int i = 0; i < 205; i++) {
            site.timeline().add(new Post("bob", "Number " + i + ".", clock.instant()));
        }

        assertThat(site.timeline().newest()).hasSize(Timeline.SIZE);
        assertThat(alice.get("/").body()).contains("Number 204.", "Number 5.").doesNotContain("Number 4.");
    }

    @Test
    void chirpsSentAtOnceAreAllCounted() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<HttpResponse<String>>> answers = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                Browser tab = alice.at(site.uri());
                String text = "Tab " + i;
                answers.add(threads.submit(() -> tab.post("/chirps", page, "text", text)));
            }
            for (Future<HttpResponse<String>> answer : answers) {
                assertThat(answer.get().statusCode()).isEqualTo(303);
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(site.timeline().newest()).hasSize(24);
        assertThat(alice.get("/").body()).contains("<dd class=\"chirp-count\">24</dd>");
    }

    @Test
    void aSessionThatWasLeftAloneIsOver() {
        clock.advance(Duration.ofMinutes(21));

        assertThat(alice.get("/").body()).doesNotContain("class=\"user\"");
        assertThat(alice.post("/chirps", page, "text", "Late").statusCode()).isEqualTo(403);
    }
}
