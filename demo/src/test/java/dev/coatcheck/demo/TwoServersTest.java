package dev.coatcheck.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.KeyRing;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwoServersTest {
    @TempDir
    Path folder;

    @Test
    void shareASessionAndItsEnd() throws Exception {
        EmbeddedSessionStore store = new EmbeddedSessionStore();
        KeyFile keys = new KeyFile(folder.resolve("keys"));
        try (Site one = Site.over(store, keys.readOrMake());
                Site other = Site.over(store, keys.readOrMake())) {
            Browser here = one.browser();
            here.signIn("alice");
            Browser there = here.at(other.uri());

            HttpResponse<String> page = there.get("/");
            assertThat(page.body()).contains("<strong class=\"user\">alice</strong>");
            assertThat(there.post("/chirps", page, "text", "From the other door")
                            .statusCode())
                    .isEqualTo(303);
            assertThat(here.get("/").body()).contains("Your chirp is out.", "<dd class=\"chirp-count\">1</dd>");

            assertThat(there.post("/sign-out", page).statusCode()).isEqualTo(303);
            assertThat(here.get("/").body()).doesNotContain("class=\"user\"");
        }
    }

    @Test
    void withAnotherRingKnowNobody() throws Exception {
        EmbeddedSessionStore store = new EmbeddedSessionStore();
        try (Site one = Site.over(store, KeyRing.parse(KeyRing.generate()));
                Site other = Site.over(store, KeyRing.parse(KeyRing.generate()))) {
            Browser here = one.browser();
            here.signIn("alice");

            assertThat(here.at(other.uri()).get("/").body()).doesNotContain("class=\"user\"");
        }
    }

    @Test
    void aSessionOutlivesARestart() throws Exception {
        EmbeddedSessionStore store = new EmbeddedSessionStore();
        KeyFile keys = new KeyFile(folder.resolve("keys"));
        Browser alice;
        try (Site before = Site.over(store, keys.readOrMake())) {
            alice = before.browser();
            alice.signIn("alice");
        }
        try (Site after = Site.over(store, keys.readOrMake())) {
            assertThat(alice.at(after.uri()).get("/").body()).contains("<strong class=\"user\">alice</strong>");
        }
    }
}
