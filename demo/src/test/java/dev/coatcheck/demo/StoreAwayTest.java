package dev.coatcheck.demo;

import static dev.coatcheck.demo.Browser.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.test.FaultyStore;
import dev.coatcheck.test.FaultyStore.Fault;
import dev.coatcheck.test.StoreVerb;
import java.net.http.HttpResponse;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StoreAwayTest {
    private final FaultyStore store = new FaultyStore(new EmbeddedSessionStore());
    private Site site;
    private Browser alice;
    private HttpResponse<String> page;
    private String ticket;

    @BeforeEach
    void open() throws Exception {
        site = Site.over(store);
        alice = site.browser();
        page = alice.signIn("alice");
        ticket = alice.cookies().get("SID");
    }

    @AfterEach
    void close() {
        site.close();
    }

    private void isThePageOf503(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(header(answer, "Retry-After")).isEqualTo("1");
        assertThat(answer.body()).contains("The cloakroom is closed for a moment", "href=\"/chirp.css\"");
        assertThat(header(answer, "Content-Security-Policy")).contains("default-src 'none'");
        assertThat(answer.headers().allValues("Set-Cookie")).isEmpty();
    }

    @Test
    void theTimelineIsServedWithANote() {
        site.timeline().add(new Post("bob", "Still readable", Instant.now()));
        store.always(Fault.FAIL);

        HttpResponse<String> answer = alice.get("/");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .contains("The counter rests", "Still readable")
                .doesNotContain("href=\"/sign-in\"");
        assertThat(answer.headers().allValues("Set-Cookie")).isEmpty();
        assertThat(site.browser().get("/").statusCode()).isEqualTo(200);
    }

    @Test
    void aFormIsAnsweredWith503AndNobodyIsSignedOut() {
        store.always(Fault.FAIL);

        isThePageOf503(alice.get("/sign-in"));
        isThePageOf503(alice.post("/chirps", page, "text", "Lost"));
        isThePageOf503(alice.post("/sign-in", page, "name", "bob"));

        store.heal();
        assertThat(alice.cookies()).containsEntry("SID", ticket);
        assertThat(alice.get("/").body()).contains("<strong class=\"user\">alice</strong>");
        assertThat(site.timeline().newest()).isEmpty();
        assertThat(alice.post("/chirps", page, "text", "Again").statusCode()).isEqualTo(303);
    }

    @Test
    void anErrorPageDoesWithoutTheSession() {
        store.always(Fault.FAIL);

        assertThat(alice.get("/nope").statusCode()).isEqualTo(404);
    }

    @Test
    void aChirpThatTheSessionCouldNotStoreIsNotPublished() {
        store.always(Fault.FAIL, StoreVerb.REPLACE);

        isThePageOf503(alice.post("/chirps", page, "text", "Lost"));

        store.heal();
        assertThat(site.timeline().newest()).isEmpty();
        assertThat(alice.get("/").body()).contains("<dd class=\"chirp-count\">0</dd>");
    }

    @Test
    void aSignInThatCouldNotBeStoredIsAnsweredWith503() {
        Browser bob = site.browser();
        HttpResponse<String> form = bob.get("/sign-in");
        store.always(Fault.FAIL);

        isThePageOf503(bob.post("/sign-in", form, "name", "bob"));

        store.heal();
        assertThat(bob.post("/sign-in", form, "name", "bob").statusCode()).isEqualTo(303);
    }

    @Test
    void aSignOutThatIsNotConfirmedSaysSo() {
        store.always(Fault.FAIL, StoreVerb.END, StoreVerb.REPLACE);

        HttpResponse<String> answer = alice.post("/sign-out", page);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("Signed out in this browser").doesNotContain("class=\"user\"");
        assertThat(alice.cookies()).isEmpty();
        Browser old = site.browser();
        old.cookies().put("SID", ticket);
        assertThat(old.get("/").body()).doesNotContain("class=\"user\"");
    }

    @Test
    void theHealthPageSaysSoAndGivesNoSession() {
        HttpResponse<String> well = site.browser().get("/health");
        assertThat(well.statusCode()).isEqualTo(200);
        assertThat(well.body()).isEqualTo("UP\nstore UP\n");
        assertThat(header(well, "Cache-Control")).isEqualTo("no-store");
        store.always(Fault.FAIL);
        await().untilAsserted(() -> {
            HttpResponse<String> away = alice.get("/health");
            assertThat(away.statusCode()).isEqualTo(503);
            assertThat(away.body()).startsWith("DOWN\nstore DOWN: ");
            assertThat(away.headers().allValues("Set-Cookie")).isEmpty();
        });
        assertThat(alice.get("/healthz").statusCode()).as("Chirp itself").isEqualTo(200);
    }
}
