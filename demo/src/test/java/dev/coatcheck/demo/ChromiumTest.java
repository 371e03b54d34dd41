package dev.coatcheck.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.test.FaultyStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Cookie;
import org.openqa.selenium.Keys;
import org.openqa.selenium.interactions.Actions;

/** Chirp as a browser and its user see it. Pictures of the pages are left in {@code target/screenshots}. */
class ChromiumTest {
    private static Chromium chromium;

    @TempDir
    Path folder;

    private final FaultyStore store = new FaultyStore(new EmbeddedSessionStore());
    private Site site;

    @BeforeAll
    static void start() throws Exception {
        chromium = new Chromium();
    }

    @AfterAll
    static void quit() {
        if (chromium != null) {
            chromium.close();
        }
    }

    @BeforeEach
    void open() throws Exception {
        site = Site.over(store);
        chromium.driver().manage().deleteAllCookies();
        chromium.size(1280, 900).colours("light");
        chromium.complaints();
    }

    @AfterEach
    void close() {
        site.close();
    }

    private void visit(String path) {
        chromium.driver().get(site.uri().resolve(path).toString());
    }

    private void signIn(String name) {
        visit("/sign-in");
        chromium.type("name", name);
        chromium.click("Sign in");
    }

    private void fill() {
        String[][] posts = {
            {"gina", "שלום מהמלתחה"},
            {"Frank", "Привет из гардероба"},
            {"eve-the-cloakroom-attendant-32ch", "W" + "a".repeat(90) + "it"},
            {
                "dora",
                "Does anybody know whether the last tram runs after midnight on Sundays? Asking for a friend who stays too"
                        + " long at every party and has walked home in the rain often enough to know each puddle between"
                        + " here and the harbour by its first name."
            },
            {"Chris_77", "<script>alert(1)</script> & <b>bold</b>?"},
            {"bob", "Found a left glove. Size M, brown, misses its brother.\nAsk at the counter."}
        };
        for (int i = 0; i < posts.length; i++) {
            Instant at = Instant.now().minus(Duration.ofSeconds((long) Math.pow(11, posts.length - i)));
            site.timeline().add(new Post(posts[i][0], posts[i][1], at));
        }
    }

    @Test
    void aVisitorSignsInPostsAndSignsOutAndTheOldCookieIsSignedOut() throws Exception {
        visit("/");
        assertThat(chromium.driver().manage().getCookies()).isEmpty();
        chromium.screenshot("timeline-empty-visitor-1280");
        chromium.click("Sign in to chirp");
        chromium.screenshot("sign-in-1280");
        chromium.type("name", "alice");
        chromium.click("Sign in");
        assertThat(chromium.text()).contains("Welcome, alice.", "Signed in as", "The rack is empty");
        chromium.screenshot("timeline-empty-1280");
        chromium.size(390, 844).screenshot("timeline-empty-390");
        chromium.size(1280, 900);

        chromium.type("text", "Handed in my coat. The evening can begin.");
        chromium.click("Chirp");
        assertThat(chromium.text()).contains("Your chirp is out.", "Handed in my coat.", "just now");
        chromium.driver().navigate().refresh();
        assertThat(chromium.text()).doesNotContain("Your chirp is out.");

        Cookie ticket = chromium.cookie("SID");
        chromium.click("Sign out");
        assertThat(chromium.text()).doesNotContain("Signed in as").contains("Handed in my coat.");
        assertThat(chromium.driver().manage().getCookies()).isEmpty();

        chromium.driver().manage().addCookie(ticket);
        chromium.driver().navigate().refresh();
        assertThat(chromium.text()).doesNotContain("Signed in as");
        assertThat(chromium.complaints()).isEmpty();
    }

    @Test
    void onPlainHttpAtLocalhostTheCookieIsHiddenFromScriptsAndLax() {
        signIn("alice");

        Cookie cookie = chromium.cookie("SID");
        assertThat(cookie.isHttpOnly()).isTrue();
        assertThat(cookie.isSecure()).isFalse();
        assertThat(cookie.getSameSite()).isEqualTo("Lax");
        assertThat(cookie.getPath()).isEqualTo("/");
        assertThat(cookie.getExpiry()).isNull();
        assertThat(chromium.driver().executeScript("return document.cookie")).isEqualTo("");
    }

    @Test
    void overHttpsTheCookieIsForThisHostAloneAndSecure() throws Exception {
        int port = SecurePort.open(site.server().jetty(), folder);
        chromium.driver().get("https://localhost:" + port + "/sign-in");
        chromium.type("name", "alice");
        chromium.click("Sign in");

        assertThat(chromium.text()).contains("Welcome, alice.");
        assertThat(chromium.cookie("SID")).isNull();
        Cookie cookie = chromium.cookie("__Host-SID");
        assertThat(cookie.isHttpOnly()).isTrue();
        assertThat(cookie.isSecure()).isTrue();
        assertThat(cookie.getSameSite()).isEqualTo("Lax");
        assertThat(cookie.getPath()).isEqualTo("/");
        chromium.click("Sign out");
        assertThat(chromium.driver().manage().getCookies()).isEmpty();
    }

    @Test
    void thePagesFitOnADesktopAndOnAPhone() throws Exception {
        fill();
        visit("/");
        chromium.screenshot("timeline-full-visitor-1280");
        signIn("alice");
        chromium.screenshot("timeline-full-1280");
        chromium.colours("dark").screenshot("timeline-full-dark-1280");
        chromium.colours("light").size(390, 844).screenshot("timeline-full-390");
        chromium.size(320, 640).screenshot("timeline-full-320");

        chromium.size(390, 844).type("text", "x".repeat(281));
        chromium.click("Chirp");
        assertThat(chromium.text()).contains("That is 281 characters");
        chromium.screenshot("chirp-too-long-390");
        visit("/no-such-page");
        assertThat(chromium.text()).contains("No coat under this number", "Signed in as");
        chromium.screenshot("error-404-390");
        chromium.size(1280, 900).screenshot("error-404-1280");

        store.always(FaultyStore.Fault.FAIL);
        visit("/");
        chromium.screenshot("store-away-timeline-1280");
        visit("/sign-in");
        assertThat(chromium.text()).contains("The cloakroom is closed for a moment");
        chromium.screenshot("error-503-1280");
        store.heal();
        visit("/");
        assertThat(chromium.text()).contains("Signed in as");
        chromium.click("Sign out");

        chromium.size(390, 844);
        visit("/");
        chromium.screenshot("timeline-full-visitor-390");
        visit("/sign-in");
        chromium.screenshot("sign-in-390");
        chromium.type("name", "two words");
        chromium.click("Sign in");
        assertThat(chromium.text()).contains("A name has 1 to 32 letters");
        chromium.screenshot("sign-in-refused-390");
        chromium.colours("dark").screenshot("sign-in-refused-dark-390");
    }

    private static void toDevices(Chromium browser) {
        browser.leave(
                () -> browser.driver().findElement(By.linkText("Your devices")).click());
    }

    @Test
    void ofThreeBrowsersOneSignsAnotherOutAndTheThirdGoesOn() throws Exception {
        try (Chromium second = new Chromium();
                Chromium third = new Chromium()) {
            for (Chromium browser : new Chromium[] {second, third, chromium}) {
                browser.driver().get(site.uri().resolve("/sign-in").toString());
                browser.type("name", "alice");
                browser.click("Sign in");
            }
            toDevices(chromium);
            assertThat(chromium.driver().findElements(By.className("device"))).hasSize(3);
            chromium.screenshot("devices-1280");
            chromium.size(390, 844).screenshot("devices-390");
            chromium.size(320, 640).screenshot("devices-320");
            chromium.size(1280, 900).colours("dark").screenshot("devices-dark-1280");
            chromium.colours("light");

            // The newest is first: this one, the third, and the second below.
            chromium.leave(() -> chromium.driver()
                    .findElements(By.cssSelector(".device button"))
                    .get(2)
                    .click());
            assertThat(chromium.text()).contains("One device is signed out.");
            assertThat(chromium.driver().findElements(By.className("device"))).hasSize(2);

            second.driver().navigate().refresh();
            assertThat(second.text()).doesNotContain("Signed in as");
            third.driver().navigate().refresh();
            assertThat(third.text()).contains("Signed in as", "alice");
            toDevices(third);
            third.click("Sign out the others");
            assertThat(third.text()).contains("One device is signed out.", "There is no other.");
            third.screenshot("devices-one-1280");
            chromium.driver().navigate().refresh();
            assertThat(chromium.text()).contains("Sign in");
            assertThat(chromium.driver().getCurrentUrl()).endsWith("/sign-in");
        }
        assertThat(chromium.complaints()).isEmpty();
    }

    @Test
    void theKeyboardIsEnough() {
        visit("/");
        press(Keys.TAB);
        assertThat(focused()).isEqualTo("Skip to the content");
        press(Keys.TAB);
        assertThat(focused()).isEqualTo("Chirp");
        press(Keys.TAB);
        assertThat(focused()).isEqualTo("Sign in");
        chromium.leave(() -> press(Keys.ENTER));
        assertThat(chromium.driver().switchTo().activeElement().getDomAttribute("name"))
                .isEqualTo("name");
        chromium.leave(() -> chromium.driver().switchTo().activeElement().sendKeys("alice", Keys.ENTER));
        assertThat(chromium.text()).contains("Welcome, alice.");
    }

    private static void press(Keys key) {
        new Actions(chromium.driver()).sendKeys(key).perform();
    }

    private static String focused() {
        return chromium.driver().switchTo().activeElement().getText();
    }

    @Test
    void everyFieldHasALabelAndEveryPageAHeading() {
        for (String path : new String[] {"/", "/sign-in", "/devices", "/nope"}) {
            signIn("alice");
            visit(path);
            assertThat(chromium.driver().findElements(By.tagName("h1")))
                    .as(path)
                    .hasSize(1);
            assertThat(chromium.driver().findElements(By.cssSelector("input:not([type=hidden]), textarea")))
                    .as(path)
                    .allSatisfy(field -> assertThat(field.getAccessibleName()).isNotBlank());
        }
    }
}
