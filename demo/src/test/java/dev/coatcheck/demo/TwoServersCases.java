package dev.coatcheck.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionStore;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two Chirps on one store, or one after another: each kind of store has a subclass. */
abstract class TwoServersCases {
    @TempDir
    Path folder;

    /** One server's store, on the data that all of a test's stores share. */
    abstract SessionStore open();

    @Test
    void shareASessionAndItsEnd() throws Exception {
        KeyFile keys = new KeyFile(folder.resolve("keys"));
        try (Site one = Site.over(open(), keys.readOrMake());
                Site other = Site.over(open(), keys.readOrMake())) {
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
        try (Site one = Site.over(open(), KeyRing.parse(KeyRing.generate()));
                Site other = Site.over(open(), KeyRing.parse(KeyRing.generate()))) {
            Browser here = one.browser();
            here.signIn("alice");

            assertThat(here.at(other.uri()).get("/").body()).doesNotContain("class=\"user\"");
        }
    }

    @Test
    void aSessionOutlivesARestart() throws Exception {
        KeyFile keys = new KeyFile(folder.resolve("keys"));
        Browser alice;
        try (Site before = Site.over(open(), keys.readOrMake())) {
            alice = before.browser();
            alice.signIn("alice");
        }
        try (Site after = Site.over(open(), keys.readOrMake())) {
            assertThat(alice.at(after.uri()).get("/").body()).contains("<strong class=\"user\">alice</strong>");
        }
    }
}
