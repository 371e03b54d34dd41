package dev.coatcheck.demo;

import static dev.coatcheck.demo.Browser.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.test.CountingStore;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SigningInTest {
    private final CountingStore store = new CountingStore(new EmbeddedSessionStore());
    private Site site;
    private Browser browser;

    @BeforeEach
    void open() throws Exception {
        site = Site.over(store);
        browser = site.browser();
    }

    @AfterEach
    void close() {
        site.close();
    }

    @Test
    void theTimelineMakesNoCookieAndNoRecordForAVisitor() {
        HttpResponse<String> page = browser.get("/");

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().allValues("Set-Cookie")).isEmpty();
        assertThat(page.body()).contains("href=\"/sign-in\"").doesNotContain("_csrf");
        assertThat(store.counts()).hasToString("nothing");
    }

    @Test
    void theSignInFormMakesNoRecord() {
        HttpResponse<String> form = browser.get("/sign-in");

        assertThat(form.statusCode()).isEqualTo(200);
        assertThat(Browser.token(form)).hasSize(48);
        assertThat(browser.cookies()).containsOnlyKeys("SID");
        assertThat(store.counts()).hasToString("nothing");
    }

    @Test
    void whoSignsInIsWelcomedOnceAndNamedOnEveryPage() {
        HttpResponse<String> answer = browser.post("/sign-in", browser.get("/sign-in"), "name", "alice");

        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(header(answer, "Location")).isEqualTo("/");
        assertThat(store.counts()).hasToString("load 1, create 2"); // the index of users and the session
        assertThat(browser.get("/").body()).contains("Welcome, alice.", "<strong class=\"user\">alice</strong>");
        for (String path : new String[] {"/", "/sign-in", "/no-such-page", "/chirps"}) {
            assertThat(browser.get(path).body())
                    .as(path)
                    .contains("<strong class=\"user\">alice</strong>", "action=\"/sign-out\"")
                    .doesNotContain("Welcome, alice.");
        }
    }

    @Test
    void whoWantsToBeRememberedGetsACookieThatOutlivesTheBrowser() {
        HttpResponse<String> answer =
                browser.post("/sign-in", browser.get("/sign-in"), "name", "alice", "remember", "yes");

        assertThat(header(answer, "Set-Cookie")).containsPattern("; Max-Age=259200[01];"); // rounded up
        HttpResponse<String> refused =
                browser.post("/sign-in", browser.get("/sign-in"), "name", "two words", "remember", "yes");
        assertThat(refused.body()).contains("value=\"yes\" checked");
    }

    @Test
    void theCookieIsForThisHostAndNoScript() {
        HttpResponse<String> answer = browser.post("/sign-in", browser.get("/sign-in"), "name", "alice");

        assertThat(answer.headers().allValues("Set-Cookie"))
                .singleElement()
                .asString()
                .satisfies(line -> {
                    assertThat(line).startsWith("SID=").contains("; Path=/", "; HttpOnly", "; SameSite=Lax");
                    assertThat(line).doesNotContain("Domain", "Max-Age", "Expires", "Secure");
                });
        assertThat(header(answer, "Cache-Control")).contains("no-store");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "two words",
                "<b>",
                "Ünal",
                "a;b",
                "x12345678901234567890123456789012",
                "a\nb",
                "a\u0000b",
                "../etc"
            })
    void aNameThatCannotBeOneShowsTheFormAgain(String name) {
        HttpResponse<String> form = browser.get("/sign-in");
        String ticket = browser.cookies().get("SID");

        HttpResponse<String> answer = browser.post("/sign-in", form, "name", name);

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains("id=\"name-fault\"", "aria-invalid=\"true\"", "name=\"_csrf\"");
        assertThat(header(answer, "Location")).isEmpty();
        assertThat(browser.cookies()).containsEntry("SID", ticket);
        assertThat(store.counts()).hasToString("nothing");
        assertThat(browser.get("/").body()).doesNotContain("class=\"flash\"");

        assertThat(browser.post("/sign-in", answer, "name", "alice").statusCode())
                .isEqualTo(303);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "Z_9-", "x1234567890123456789012345678901", "  alice  "})
    void aNameHasOneToThirtyTwoLettersDigitsHyphensAndUnderscores(String name) {
        assertThat(browser.signIn(name).body()).contains("<strong class=\"user\">" + name.strip() + "</strong>");
    }

    @Test
    void signingInGivesANewTicketAndTheOldOneIsWorthNothing() {
        browser.signIn("alice");
        String before = browser.cookies().get("SID");
        browser.signIn("bob");

        assertThat(browser.cookies().get("SID")).isNotEqualTo(before);
        Browser old = site.browser();
        old.cookies().put("SID", before);
        assertThat(old.get("/").body()).doesNotContain("class=\"user\"");
        assertThat(browser.get("/").body()).contains("<strong class=\"user\">bob</strong>");
    }

    @Test
    void aFormFromBeforeSigningInIsRefused() {
        HttpResponse<String> form = browser.get("/sign-in");
        browser.signIn("alice");

        HttpResponse<String> answer = browser.post("/sign-in", form, "name", "mallory");

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("Please load the form again", "<strong class=\"user\">alice</strong>");
    }

    @Test
    void afterSigningOutTheOldCookieIsSignedOut() {
        HttpResponse<String> page = browser.signIn("alice");
        String ticket = browser.cookies().get("SID");

        HttpResponse<String> answer = browser.post("/sign-out", page);

        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(header(answer, "Location")).isEqualTo("/");
        assertThat(browser.cookies()).isEmpty();
        Browser old = site.browser();
        old.cookies().put("SID", ticket);
        assertThat(old.get("/").body()).doesNotContain("alice", "class=\"user\"");
        assertThat(old.post("/chirps", page, "text", "Still here").statusCode()).isEqualTo(403);
        assertThat(site.timeline().newest()).isEmpty();
    }

    @Test
    void signingOutTwiceIsNoError() {
        HttpResponse<String> page = browser.signIn("alice");
        browser.post("/sign-out", page);

        HttpResponse<String> again = browser.post("/sign-out", page);

        assertThat(again.statusCode()).isEqualTo(403);
        assertThat(again.body()).doesNotContain("class=\"user\"");
    }
}
