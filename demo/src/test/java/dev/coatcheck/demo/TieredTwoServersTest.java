package dev.coatcheck.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.KeyRing;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** Each server with connections of its own to one memcached, and behind it a file of H2. */
class TieredTwoServersTest extends MemcachedTwoServersTest {
    @Override
    String url() {
        return "tiered:" + super.url() + "+jdbc:h2:file:" + folder.resolve("chirp");
    }

    private static void isIn(Browser browser) {
        HttpResponse<String> page = browser.get("/");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).contains("<strong class=\"user\">alice</strong>", "<dd class=\"chirp-count\">1</dd>");
    }

    @Test
    void nobodyIsSignedOutByWhatHappensToTheCacheAndToChirp() throws Exception {
        KeyRing keys = new KeyFile(folder.resolve("keys")).readOrMake();
        Browser alice;
        try (Site site = Site.over(open(), keys)) {
            alice = site.browser();
            HttpResponse<String> page = alice.signIn("alice");
            assertThat(alice.post("/chirps", page, "text", "Kept twice").statusCode())
                    .isEqualTo(303);
            assertThat(alice.get("/").body()).contains("Your chirp is out.");
            isIn(alice);

            memcached.flush();
            isIn(alice);
            memcached.kill();
            isIn(alice);
            assertThat(alice.get("/devices").body()).contains("This device");
            memcached.restart();
            isIn(alice);
        }
        opened.remove(0).close();
        memcached.restart();
        try (Site site = Site.over(open(), keys)) {
            Browser again = alice.at(site.uri());
            isIn(again);
            HttpResponse<String> devices = again.get("/devices");
            assertThat(devices.body()).containsOnlyOnce("This device");
            assertThat(again.post("/sign-out", devices).statusCode()).isEqualTo(303);
            assertThat(alice.at(site.uri()).get("/").body()).doesNotContain("class=\"user\"");
        }
    }
}
