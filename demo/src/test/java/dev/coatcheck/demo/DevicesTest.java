package dev.coatcheck.demo;

import static dev.coatcheck.demo.Browser.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.EmbeddedSessionStore;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DevicesTest {
    private static final Pattern HANDLE = Pattern.compile("name=\"device\" value=\"([^\"]+)\"");

    private Site site;

    @BeforeEach
    void open() throws Exception {
        site = Site.over(new EmbeddedSessionStore());
    }

    @AfterEach
    void close() {
        site.close();
    }

    private Browser signedIn(String name) {
        Browser browser = site.browser();
        browser.signIn(name);
        return browser;
    }

    private static List<String> handles(HttpResponse<String> page) {
        return HANDLE.matcher(page.body())
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    private static boolean isIn(Browser browser) {
        return browser.get("/").body().contains("Signed in as");
    }

    @Test
    void aVisitorIsLedToTheSignIn() {
        HttpResponse<String> answer = site.browser().get("/devices");
        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(header(answer, "Location")).isEqualTo("/sign-in");
        assertThat(site.browser().get("/").body()).doesNotContain("Your devices");
    }

    @Test
    void thePageIsLinkedAndListsTheUsersOwnDevices() {
        Browser one = signedIn("alice");
        signedIn("alice");
        signedIn("bob");
        assertThat(one.get("/").body()).contains("<a href=\"/devices\">Your devices</a>");
        HttpResponse<String> page = one.get("/devices");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(handles(page)).hasSize(2).doesNotHaveDuplicates();
        assertThat(page.body()).containsOnlyOnce("This device").contains("Sign out the others");
    }

    @Test
    void theOnlyDeviceHasNoOthers() {
        HttpResponse<String> page = signedIn("alice").get("/devices");
        assertThat(page.body()).contains("There is no other.").doesNotContain("Sign out the others");
    }

    @Test
    void oneDeviceSignsOutAnother() {
        Browser lost = signedIn("alice");
        Browser mine = signedIn("alice");
        HttpResponse<String> page = mine.get("/devices");
        HttpResponse<String> answer =
                mine.post("/devices/sign-out", page, "device", handles(page).get(1));
        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(header(answer, "Location")).isEqualTo("/devices");
        assertThat(isIn(lost)).isFalse();
        assertThat(mine.get("/devices").body()).contains("One device is signed out.", "There is no other.");
    }

    @Test
    void aDeviceThatSignsItselfOutLosesItsCookie() {
        Browser mine = signedIn("alice");
        HttpResponse<String> page = mine.get("/devices");
        HttpResponse<String> answer =
                mine.post("/devices/sign-out", page, "device", handles(page).get(0));
        assertThat(header(answer, "Location")).isEqualTo("/");
        assertThat(mine.cookies()).isEmpty();
    }

    @Test
    void anotherUsersHandleSignsNobodyOut() {
        Browser alice = signedIn("alice");
        Browser bob = signedIn("bob");
        String handle = handles(alice.get("/devices")).get(0);
        bob.post("/devices/sign-out", bob.get("/devices"), "device", handle);
        assertThat(bob.get("/devices").body()).contains("Nothing was left to sign out there.");
        assertThat(isIn(alice)).isTrue();
    }

    @Test
    void theOthersAndAllAreSignedOut() {
        Browser mine = signedIn("alice");
        List<Browser> others = List.of(signedIn("alice"), signedIn("alice"));
        mine.post("/devices/sign-out-others", mine.get("/devices"));
        assertThat(others).noneMatch(DevicesTest::isIn);
        assertThat(mine.get("/devices").body()).contains("2 devices are signed out.");
        Browser another = signedIn("alice");
        HttpResponse<String> answer = mine.post("/devices/sign-out-everywhere", mine.get("/devices"));
        assertThat(header(answer, "Location")).isEqualTo("/");
        assertThat(mine.cookies()).isEmpty();
        assertThat(isIn(another)).isFalse();
    }

    @Test
    void noFormIsTakenWithoutItsToken() {
        Browser mine = signedIn("alice");
        Browser other = signedIn("alice");
        String handle = handles(mine.get("/devices")).get(0);
        for (String path :
                new String[] {"/devices/sign-out", "/devices/sign-out-others", "/devices/sign-out-everywhere"}) {
            assertThat(mine.post(path, Map.of("device", handle)).statusCode())
                    .as(path)
                    .isEqualTo(403);
            assertThat(mine.get(path).statusCode()).as(path).isEqualTo(405);
            HttpResponse<String> answer =
                    site.browser().post(path, site.browser().get("/sign-in"), "device", handle);
            assertThat(answer.statusCode()).as(path).isEqualTo(403);
        }
        assertThat(isIn(mine)).isTrue();
        assertThat(isIn(other)).isTrue();
    }
}
